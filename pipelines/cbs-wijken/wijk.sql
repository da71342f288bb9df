-- De wijken. De slug is de naam in kleine letters met een liggend streepje in plaats van elk ander
-- teken: mappen van het magazijn en andere tabellen duiden de wijk daarmee aan.
SELECT
    code,
    replace(replace(replace(lower(naam), ' ', '_'), '-', '_'), '/', '_') AS slug,
    naam,
    team
FROM levering

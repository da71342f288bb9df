-- Een rij per aanvraag.
SELECT
    CAST(date_part('year', aanvraag) AS BIGINT) AS jaar,
    dossier,
    aanvraag,
    coalesce(besluit, 'onbekend') AS besluit,
    datum_besluit
FROM levering

-- Wie naar de jeugdhulp verwees: wat alleen deze bron weet van een voorziening.
SELECT
    CAST(date_part('year', aanvang) AS BIGINT) AS jaar,
    nummer,
    coalesce(verwijzer, 'onbekend') AS verwijzer,
    hulpvorm
FROM levering

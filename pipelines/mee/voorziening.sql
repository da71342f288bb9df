-- Een rij per traject van MEE.
SELECT
    CAST(coalesce(date_part('year', startdatum), 0) AS BIGINT) AS jaar,
    'onbekend' AS wijk,
    'mee' AS bron,
    nummer,
    client,
    'begeleiding' AS soort,
    product,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    startdatum,
    einddatum,
    reden_einde,
    uren,
    CAST(NULL AS BIGINT) AS bedrag
FROM levering

-- Een rij per traject, in het jaar van de aanvang.
SELECT
    CAST(date_part('year', aanvang) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk,
    'mevis-jeugd' AS bron,
    nummer,
    client,
    'jeugd' AS soort,
    hulpvorm AS product,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    aanvang AS startdatum,
    einde AS einddatum,
    reden AS reden_einde,
    CAST(NULL AS BIGINT) AS uren,
    CAST(NULL AS BIGINT) AS bedrag
FROM levering

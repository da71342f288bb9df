-- Een rij per traject, als voorziening van de soort begeleiding. De levering kent geen postcode en geen
-- geboortedatum: wijk en leeftijdsgroep zijn onbekend.
SELECT
    CAST(date_part('year', startdatum) AS BIGINT) AS jaar,
    'onbekend' AS wijk,
    'enver' AS bron,
    nummer,
    client,
    'begeleiding' AS soort,
    traject AS product,
    'onbekend' AS leeftijdsgroep,
    startdatum,
    einddatum,
    CAST(NULL AS VARCHAR) AS reden_einde,
    CAST(NULL AS BIGINT) AS uren,
    CAST(NULL AS BIGINT) AS bedrag
FROM levering

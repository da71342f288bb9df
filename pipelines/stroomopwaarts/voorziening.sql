-- Een rij per voorziening. Het product zegt of het schuldhulp of participatie is. De levering kent geen
-- postcode en geen geboortedatum: wijk en leeftijdsgroep zijn onbekend. Is de start niet bekend, dan is
-- het jaar 0.
SELECT
    CAST(coalesce(date_part('year', startdatum), 0) AS BIGINT) AS jaar,
    'onbekend' AS wijk,
    'stroomopwaarts' AS bron,
    nummer,
    client,
    CASE
        WHEN product IN ('schuldregeling', 'saneringskrediet', 'budgetbeheer', 'stabilisatie') THEN 'schuldhulp'
        ELSE 'participatie'
    END AS soort,
    product,
    'onbekend' AS leeftijdsgroep,
    startdatum,
    einddatum,
    reden_einde,
    CAST(NULL AS BIGINT) AS uren,
    schuldbedrag AS bedrag
FROM levering

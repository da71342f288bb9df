-- Een rij per signaal, in het jaar van het signaal.
SELECT
    CAST(date_part('year', datum) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk,
    datum,
    signaalpartner,
    bedrag,
    maanden,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep
FROM levering

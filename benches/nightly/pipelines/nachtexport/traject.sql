-- Een rij per traject, met het jaar van de melding.
SELECT
    CAST(date_part('year', meldingsdatum) AS BIGINT) AS jaar,
    wijk,
    client,
    leeftijdsgroep,
    geslacht,
    pc4,
    meldingsdatum,
    startdatum,
    einddatum,
    zorgzwaarte,
    problematiek,
    reden
FROM levering

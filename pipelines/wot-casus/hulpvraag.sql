-- Een rij per hulpvraag. Het jaar is dat van de melding; is die onbekend dan dat van de start, en
-- anders dat van de afsluiting. Is geen van drie bekend, dan is het jaar 0.
SELECT
    CAST(coalesce(
        date_part('year', meldingsdatum),
        date_part('year', startdatum),
        date_part('year', afsluitdatum),
        0
    ) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk,
    hulpvraag,
    client,
    clientnr,
    soort,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    meldingsdatum,
    startdatum,
    afsluitdatum,
    coalesce(team, 'onbekend') AS team,
    zorgzwaarte,
    reden_afsluiting,
    afhandeling,
    doorverwezen_naar,
    substitutie,
    via_aanmeldteam,
    afgeschaald
FROM levering

-- Een rij per problematiek van een hulpvraag; dezelfde problematiek twee keer in een cel telt één
-- keer. Een hulpvraag zonder problematiek heeft hier geen rij.
--
-- De namen binnenin verschillen met opzet van die van `levering`: naast `unnest` kan DataFusion een
-- berekende kolom niet onderscheiden van een gelijknamige kolom van de levering.
SELECT
    rij.meldjaar AS jaar,
    rij.woonwijk AS wijk,
    rij.nummer AS hulpvraag,
    rij.persoon AS client,
    rij.dossier AS clientnr,
    rij.vraagsoort AS soort,
    rij.kwestie AS problematiek
FROM (
    SELECT
        CAST(coalesce(
            date_part('year', meldingsdatum),
            date_part('year', startdatum),
            date_part('year', afsluitdatum),
            0
        ) AS BIGINT) AS meldjaar,
        coalesce(wijk, 'onbekend') AS woonwijk,
        hulpvraag AS nummer,
        client AS persoon,
        clientnr AS dossier,
        soort AS vraagsoort,
        unnest(array_distinct(problematiek)) AS kwestie
    FROM levering
    WHERE problematiek IS NOT NULL
) AS rij

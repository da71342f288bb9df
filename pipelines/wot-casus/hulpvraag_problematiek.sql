-- Een rij per problematiek van een hulpvraag; dezelfde problematiek twee keer in een cel telt één
-- keer. Een hulpvraag zonder problematiek heeft hier geen rij.
SELECT
    CAST(coalesce(
        date_part('year', meldingsdatum),
        date_part('year', startdatum),
        date_part('year', afsluitdatum),
        0
    ) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk,
    hulpvraag,
    unnest(array_distinct(problematiek)) AS problematiek
FROM levering
WHERE problematiek IS NOT NULL

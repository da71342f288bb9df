-- Een rij per toewijzing. Het laatste bericht over een toewijzing wint.
SELECT
    CAST(date_part('year', ingangsdatum) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk,
    toewijzing AS nummer,
    client,
    product,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    ingangsdatum,
    einddatum,
    coalesce(status, 'nieuw') = 'verwijderd' AS _verwijderd
FROM levering

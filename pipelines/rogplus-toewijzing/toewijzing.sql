-- Een rij per toewijzing. Het laatste bericht over een toewijzing wint: dat met de laatste dagtekening,
-- want de volgorde van de bestanden in een ZIP zegt niets. Op dezelfde dag gaat wat verwijderd is voor
-- wat er opnieuw is gestuurd.
SELECT
    CAST(date_part('year', ingangsdatum) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk,
    toewijzing AS nummer,
    client,
    product,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    ingangsdatum,
    einddatum,
    status_bekend = 'verwijderd' AS _verwijderd
FROM (
    SELECT
        *,
        coalesce(status, 'nieuw') AS status_bekend,
        row_number() OVER (
            PARTITION BY toewijzing
            ORDER BY
                dagtekening DESC NULLS LAST,
                coalesce(status, 'nieuw') = 'verwijderd',
                ingangsdatum DESC,
                einddatum DESC NULLS LAST,
                wijk
        ) AS volgorde
    FROM levering
) AS genummerd
WHERE volgorde = 1

-- Een rij per voorziening. Een stop (307) noemt ook de begindatum, dus het laatste bericht zegt alles.
-- Wie een start verwijdert, verwijdert de voorziening; wie een stop verwijdert, laat haar weer lopen.
--
-- De wijk staat bij de toewijzing: op het nummer ervan, en anders op de laatste toewijzing van de
-- persoon voor hetzelfde product. Zonder nummer is de voorziening die van dat product; kent niemand
-- een toewijzing, dan is zij de enige van de persoon zonder nummer.
--
-- Het laatste bericht in een levering is dat met de laatste dagtekening: de volgorde van de bestanden
-- in een ZIP zegt niets. Op dezelfde dag gaat een stop na een start, en wat verwijderd is voor wat er
-- opnieuw is gestuurd.
SELECT
    CAST(date_part('year', begindatum) AS BIGINT) AS jaar,
    wijk,
    'rogplus-wmo' AS bron,
    nummer,
    client,
    'wmo' AS soort,
    product,
    leeftijdsgroep,
    begindatum AS startdatum,
    CASE WHEN status <> 'verwijderd' THEN einddatum END AS einddatum,
    CASE WHEN status <> 'verwijderd' THEN reden END AS reden_einde,
    CAST(NULL AS BIGINT) AS uren,
    CAST(NULL AS BIGINT) AS bedrag,
    status = 'verwijderd' AND bericht = '305' AS _verwijderd
FROM (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY nummer
            ORDER BY
                dagtekening DESC NULLS LAST,
                bericht DESC,
                status = 'verwijderd',
                begindatum DESC,
                einddatum DESC NULLS LAST,
                reden,
                wijk
        ) AS volgorde
    FROM (
        SELECT
            bericht.client,
            bericht.product,
            bericht.begindatum,
            bericht.einddatum,
            bericht.reden,
            bericht.status,
            bericht.bericht,
            bericht.dagtekening,
            coalesce(bericht.toewijzing, gevonden.nummer, bericht.client) AS nummer,
            coalesce(genoemd.wijk, gevonden.wijk, 'onbekend') AS wijk,
            coalesce(
                bericht.leeftijdsgroep,
                genoemd.leeftijdsgroep,
                gevonden.leeftijdsgroep,
                'onbekend'
            ) AS leeftijdsgroep
        FROM levering AS bericht
        LEFT JOIN magazijn.toewijzing AS genoemd
            ON genoemd.nummer = bericht.toewijzing
        LEFT JOIN (
            SELECT client, product, nummer, wijk, leeftijdsgroep
            FROM (
                SELECT
                    client,
                    product,
                    nummer,
                    wijk,
                    leeftijdsgroep,
                    row_number() OVER (
                        PARTITION BY client, product ORDER BY ingangsdatum DESC, nummer
                    ) AS volgorde
                FROM magazijn.toewijzing
            ) AS gerangschikt
            WHERE volgorde = 1
        ) AS gevonden
            ON gevonden.client = bericht.client AND gevonden.product = bericht.product
    ) AS verrijkt
) AS genummerd
WHERE volgorde = 1

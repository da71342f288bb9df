-- Een rij per voorziening. Een stop (307) noemt ook de begindatum, dus het laatste bericht zegt alles.
-- Wie een start verwijdert, verwijdert de voorziening; wie een stop verwijdert, laat haar weer lopen.
--
-- De wijk staat bij de toewijzing: op het nummer ervan, en anders op de laatste toewijzing van de
-- persoon voor hetzelfde product. Zonder nummer is de voorziening die van dat product; kent niemand
-- een toewijzing, dan is zij de enige van de persoon zonder nummer.
SELECT
    CAST(date_part('year', bericht.begindatum) AS BIGINT) AS jaar,
    coalesce(genoemd.wijk, gevonden.wijk, 'onbekend') AS wijk,
    'rogplus-wmo' AS bron,
    coalesce(bericht.toewijzing, gevonden.nummer, bericht.client) AS nummer,
    bericht.client AS client,
    'wmo' AS soort,
    bericht.product AS product,
    coalesce(
        bericht.leeftijdsgroep, genoemd.leeftijdsgroep, gevonden.leeftijdsgroep, 'onbekend'
    ) AS leeftijdsgroep,
    bericht.begindatum AS startdatum,
    CASE WHEN bericht.status <> 'verwijderd' THEN bericht.einddatum END AS einddatum,
    CASE WHEN bericht.status <> 'verwijderd' THEN bericht.reden END AS reden_einde,
    CAST(NULL AS BIGINT) AS uren,
    CAST(NULL AS BIGINT) AS bedrag,
    bericht.status = 'verwijderd' AND bericht.bericht = '305' AS _verwijderd
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

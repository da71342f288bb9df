-- Hoe zwaar de hulpvragen zijn, in heel Schiedam en per wijk.
--
-- Hulpvragen (zonder betrokkenen) naar het jaar van de melding en de wijk waar de cliënt woont. De
-- schaal is al die jaren dezelfde, alleen de namen verschillen: definitie 2020 zegt 1 (ongeveer een uur
-- hulp in de week), 2 en 3 (drie uur of meer), definitie 2023 licht, gemiddeld en zwaar. Een
-- hulpvraag zonder zorgzwaarte telt als onbekend. De wijk "alle" is heel Schiedam. Procent is het deel
-- van alle hulpvragen van die wijk, in hele getallen, een half naar boven.
--
-- Bron: wot-casus. Sinds 2020; voor 2021 en 2022 is geen definitie gepubliceerd. De jaarverslagen tonen
-- dit als grafiek zonder getallen.
-- Sorteer op jaar, wijk en volgorde.
WITH hulpvragen AS (
    SELECT jaar, wijk, coalesce(zorgzwaarte, 'onbekend') AS zorgzwaarte, coalesce(client, clientnr) AS wie
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND (jaar = 2020 OR jaar >= 2023)
),
-- Ook van de totalen is zo bekend hoeveel verschillende cliënten het zijn.
geteld AS (
    SELECT jaar, wijk, zorgzwaarte, count(*) AS aantal, clienten(wie) AS clienten
    FROM hulpvragen
    GROUP BY GROUPING SETS ((jaar, wijk, zorgzwaarte), (jaar, zorgzwaarte), (jaar, wijk), (jaar))
),
banden AS (
    SELECT
        jaar,
        CASE WHEN jaar = 2020 THEN '2020' ELSE '2023' END AS definitie,
        coalesce(wijk, 'alle') AS wijk,
        CASE coalesce(zorgzwaarte, 'totaal')
            WHEN 'totaal' THEN 0 WHEN 'licht' THEN 1 WHEN 'gemiddeld' THEN 2 WHEN 'zwaar' THEN 3 ELSE 4
        END AS band,
        aantal,
        clienten
    FROM geteld
),
-- Een rij van de monitor is een reeks banden, van en tot en met; band 0 is al het totaal.
rijen AS (
    SELECT
        b.jaar,
        b.definitie,
        b.wijk,
        r.volgorde,
        r.rij,
        r.van,
        r.tot,
        CAST(sum(CASE WHEN b.band = r.band THEN b.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(CASE WHEN b.band = 0 THEN b.aantal ELSE 0 END) AS BIGINT) AS totaal,
        max(CASE WHEN b.band = r.band THEN b.clienten ELSE 0 END) AS clienten
    FROM banden AS b
    INNER JOIN (
        VALUES
            ('2020', 1, '1', 1, 1, 1),
            ('2020', 2, '2', 2, 2, 2),
            ('2020', 3, '3', 3, 3, 3),
            ('2020', 4, 'onbekend', 4, 4, 4),
            ('2020', 5, 'totaal', 0, 1, 4),
            ('2023', 1, 'licht', 1, 1, 1),
            ('2023', 2, 'gemiddeld', 2, 2, 2),
            ('2023', 3, 'zwaar', 3, 3, 3),
            ('2023', 4, 'onbekend', 4, 4, 4),
            ('2023', 5, 'totaal', 0, 1, 4)
    ) AS r (definitie, volgorde, rij, band, van, tot) ON r.definitie = b.definitie
    GROUP BY b.jaar, b.definitie, b.wijk, r.volgorde, r.rij, r.van, r.tot
)
SELECT
    jaar,
    definitie,
    wijk,
    rij,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde,
    van,
    tot,
    clienten
FROM rijen
ORDER BY jaar, wijk, volgorde

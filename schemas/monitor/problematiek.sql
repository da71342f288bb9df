-- Waarover hulpvragen gaan, in heel Schiedam en per wijk.
--
-- Problematieken van hulpvragen (zonder betrokkenen), naar het jaar van de melding en de wijk waar de
-- cliënt woont. Een hulpvraag kan over meer problematieken gaan en telt dan bij elk daarvan; een
-- hulpvraag zonder problematiek telt nergens. De rij totaal telt dus genoemde problematieken en geen
-- hulpvragen. De wijk "alle" is heel Schiedam. Procent is het deel van alle genoemde problematieken van
-- die wijk. Procent_hulpvragen is het deel van alle hulpvragen van het jaar die (ook) over deze
-- problematiek gaan; dat is er alleen voor heel Schiedam, en opgeteld is het meer dan 100. Percentages
-- zijn hele getallen, een half naar boven.
--
-- Bron: wot-casus. Sinds 2020, de namen zijn al die jaren dezelfde; voor 2021 en 2022 is geen definitie
-- gepubliceerd. De jaarverslagen tonen dit als grafiek zonder getallen.
-- Sorteer op jaar, wijk en volgorde.
WITH genoemd AS (
    SELECT jaar, wijk, problematiek, coalesce(client, clientnr) AS wie
    FROM magazijn.hulpvraag_problematiek
    WHERE soort = 'hulpvraag' AND (jaar = 2020 OR jaar >= 2023)
),
-- Ook van de totalen is zo bekend hoeveel verschillende cliënten het zijn.
geteld AS (
    SELECT jaar, wijk, problematiek, count(*) AS aantal, clienten(wie) AS clienten
    FROM genoemd
    GROUP BY GROUPING SETS ((jaar, wijk, problematiek), (jaar, problematiek), (jaar, wijk), (jaar))
),
banden AS (
    SELECT
        jaar,
        coalesce(wijk, 'alle') AS wijk,
        CASE coalesce(problematiek, 'totaal')
            WHEN 'totaal' THEN 0
            WHEN 'financiën' THEN 1
            WHEN 'werk en opleiding' THEN 2
            WHEN 'huisvesting' THEN 3
            WHEN 'huiselijke relaties' THEN 4
            WHEN 'opvoeding' THEN 5
            WHEN 'geestelijke gezondheid' THEN 6
            WHEN 'lichamelijke gezondheid' THEN 7
            WHEN 'verslaving' THEN 8
            WHEN 'sociaal netwerk' THEN 9
            WHEN 'maatschappelijke participatie' THEN 10
            WHEN 'justitie' THEN 11
            ELSE 12
        END AS band,
        aantal,
        clienten
    FROM geteld
),
-- Een rij van de monitor is een reeks banden, van en tot en met; band 0 is al het totaal.
rijen AS (
    SELECT
        b.jaar,
        b.wijk,
        r.volgorde,
        r.rij,
        r.van,
        r.tot,
        CAST(sum(CASE WHEN b.band = r.band THEN b.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(CASE WHEN b.band = 0 THEN b.aantal ELSE 0 END) AS BIGINT) AS totaal,
        max(CASE WHEN b.band = r.band THEN b.clienten ELSE 0 END) AS clienten
    FROM banden AS b
    CROSS JOIN (
        VALUES
            (1, 'financiën', 1, 1, 1),
            (2, 'werk en opleiding', 2, 2, 2),
            (3, 'huisvesting', 3, 3, 3),
            (4, 'huiselijke relaties', 4, 4, 4),
            (5, 'opvoeding', 5, 5, 5),
            (6, 'geestelijke gezondheid', 6, 6, 6),
            (7, 'lichamelijke gezondheid', 7, 7, 7),
            (8, 'verslaving', 8, 8, 8),
            (9, 'sociaal netwerk', 9, 9, 9),
            (10, 'maatschappelijke participatie', 10, 10, 10),
            (11, 'justitie', 11, 11, 11),
            (12, 'overig', 12, 12, 12),
            (13, 'totaal', 0, 1, 12)
    ) AS r (volgorde, rij, band, van, tot)
    GROUP BY b.jaar, b.wijk, r.volgorde, r.rij, r.van, r.tot
),
hulpvragen AS (
    SELECT jaar, count(*) AS hulpvragen
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND (jaar = 2020 OR jaar >= 2023)
    GROUP BY jaar
)
SELECT
    r.jaar,
    CASE WHEN r.jaar = 2020 THEN '2020' ELSE '2023' END AS definitie,
    r.wijk,
    r.rij,
    r.aantal,
    CAST(floor((200 * CAST(r.aantal AS DOUBLE) + r.totaal) / (2 * CAST(r.totaal AS DOUBLE))) AS BIGINT) AS procent,
    CASE
        WHEN r.wijk = 'alle' AND r.rij <> 'totaal'
            THEN CAST(
                floor((200 * CAST(r.aantal AS DOUBLE) + h.hulpvragen) / (2 * CAST(h.hulpvragen AS DOUBLE))) AS BIGINT
            )
    END AS procent_hulpvragen,
    r.volgorde,
    r.van,
    r.tot,
    r.clienten
FROM rijen AS r
LEFT JOIN hulpvragen AS h ON h.jaar = r.jaar
ORDER BY r.jaar, r.wijk, r.volgorde

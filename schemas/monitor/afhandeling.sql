-- Wat er met een hulpvraag gebeurde: handelde het WOT haar zelf af of verwees het door?
--
-- Definitie 2020: hulpvragen (zonder betrokkenen) naar het jaar van de melding. Een hulpvraag zonder
-- afhandeling telt als onbekend. Percentages zijn hele getallen, een half naar boven.
--
-- Bron: wot-casus. Alleen 2020: daarna meet de monitor dit niet meer.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        jaar,
        CASE afhandeling WHEN 'zelf afgehandeld' THEN 1 WHEN 'doorverwezen' THEN 2 ELSE 3 END AS band,
        count(*) AS aantal,
        clienten(coalesce(client, clientnr)) AS clienten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND jaar = 2020
    GROUP BY jaar, CASE afhandeling WHEN 'zelf afgehandeld' THEN 1 WHEN 'doorverwezen' THEN 2 ELSE 3 END
),
rijen AS (
    SELECT
        g.jaar,
        r.volgorde,
        r.rij,
        r.van,
        r.tot,
        CAST(sum(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(g.aantal) AS BIGINT) AS totaal,
        max(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.clienten ELSE 0 END) AS clienten
    FROM geteld AS g
    CROSS JOIN (
        VALUES
            (1, 'zelf afgehandeld', 1, 1),
            (2, 'doorverwezen', 2, 2),
            (3, 'onbekend', 3, 3),
            (4, 'totaal', 1, 3)
    ) AS r (volgorde, rij, van, tot)
    GROUP BY g.jaar, r.volgorde, r.rij, r.van, r.tot
)
SELECT
    jaar,
    '2020' AS definitie,
    rij,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde,
    van,
    tot,
    totaal,
    clienten
FROM rijen
ORDER BY jaar, volgorde

-- Of cliënten zelfredzamer worden: de Zelfredzaamheid-Matrix, eerste en tweede meting.
--
-- Definitie 2020: per leefgebied de cliënten met een score op beide metingen (paren), naar het jaar
-- van de tweede meting. De gemiddelden hebben twee decimalen; toename is de stijging van het
-- gemiddelde in hele procenten, berekend uit de niet-afgeronde gemiddelden; de norm is 50 %.
-- Voldoende: het gemiddelde van de tweede meting is 3 of hoger. De rij totaal telt alle leefgebieden
-- samen. Het team "alle" is heel Schiedam; de andere rijen splitsen naar team. Sinds 2023 meet de
-- monitor geen zelfredzaamheid meer maar de gerealiseerde doelen (view afsluiting).
--
-- Sorteer op jaar, volgorde, team en leefgebied.
WITH paren AS (
    SELECT tweede.jaar, tweede.team, tweede.leefgebied, eerste.score AS voor, tweede.score AS na
    FROM magazijn.zrm_score AS tweede
    INNER JOIN magazijn.zrm_score AS eerste
        ON eerste.clientnr = tweede.clientnr AND eerste.leefgebied = tweede.leefgebied
    WHERE tweede.jaar = 2020 AND tweede.meting = 2 AND eerste.meting = 1
),
sommen AS (
    SELECT
        jaar,
        'alle' AS team,
        leefgebied,
        count(*) AS paren,
        CAST(sum(voor) AS BIGINT) AS som_eerste,
        CAST(sum(na) AS BIGINT) AS som_tweede
    FROM paren
    GROUP BY jaar, leefgebied
    UNION ALL
    SELECT
        jaar,
        'alle' AS team,
        'totaal' AS leefgebied,
        count(*) AS paren,
        CAST(sum(voor) AS BIGINT) AS som_eerste,
        CAST(sum(na) AS BIGINT) AS som_tweede
    FROM paren
    GROUP BY jaar
    UNION ALL
    SELECT
        jaar,
        team,
        leefgebied,
        count(*) AS paren,
        CAST(sum(voor) AS BIGINT) AS som_eerste,
        CAST(sum(na) AS BIGINT) AS som_tweede
    FROM paren
    GROUP BY jaar, team, leefgebied
)
SELECT
    jaar,
    '2020' AS definitie,
    team,
    leefgebied,
    paren,
    som_eerste,
    som_tweede,
    CAST(
        floor((200 * CAST(som_eerste AS DOUBLE) + paren) / (2 * CAST(paren AS DOUBLE))) / 100
        AS DECIMAL(4, 2)
    ) AS gemiddelde_eerste,
    CAST(
        floor((200 * CAST(som_tweede AS DOUBLE) + paren) / (2 * CAST(paren AS DOUBLE))) / 100
        AS DECIMAL(4, 2)
    ) AS gemiddelde_tweede,
    CAST(
        floor((200 * CAST(som_tweede - som_eerste AS DOUBLE) + som_eerste) / (2 * CAST(som_eerste AS DOUBLE)))
        AS BIGINT
    ) AS toename,
    som_tweede >= 3 * paren AS voldoende,
    CASE WHEN team <> 'alle' THEN 3 WHEN leefgebied = 'totaal' THEN 2 ELSE 1 END AS volgorde
FROM sommen
ORDER BY jaar, volgorde, team, leefgebied

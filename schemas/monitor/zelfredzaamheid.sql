-- Of cliënten zelfredzamer worden: de Zelfredzaamheid-Matrix, eerste en tweede meting.
--
-- Definitie 2020: per leefgebied de cliënten met een score op beide metingen (paren), naar het jaar
-- van de tweede meting. De gemiddelden hebben twee decimalen; toename is de stijging van het
-- gemiddelde in hele procenten, berekend uit de niet-afgeronde gemiddelden; de norm is 50 %.
-- Voldoende: het gemiddelde van de tweede meting is 3 of hoger. De rij totaal telt alle leefgebieden
-- samen: iemand telt daar zo vaak mee als er leefgebieden zijn gemeten. De indeling "wijk" splitst naar
-- de wijk waar de cliënt woont, de indeling "team" naar het team dat hielp; in beide is het gebied "alle"
-- heel Schiedam.
--
-- Bronnen: zrm, en wot-casus voor wijk en team. Alleen 2020: sinds 2023 meet de monitor geen
-- zelfredzaamheid meer maar de gerealiseerde doelen (view afsluiting).
-- Sorteer op jaar, indeling, gebied en volgorde.
WITH paren AS (
    SELECT
        tweede.jaar,
        tweede.wijk,
        tweede.team,
        tweede.leefgebied,
        coalesce(tweede.client, tweede.clientnr) AS wie,
        eerste.score AS voor,
        tweede.score AS na
    FROM magazijn.zrm_score AS tweede
    INNER JOIN magazijn.zrm_score AS eerste
        ON eerste.clientnr = tweede.clientnr AND eerste.leefgebied = tweede.leefgebied
    WHERE tweede.jaar = 2020 AND tweede.meting = 2 AND eerste.meting = 1
        AND eerste.score IS NOT NULL AND tweede.score IS NOT NULL
),
geteld AS (
    SELECT
        jaar,
        wijk,
        team,
        leefgebied,
        count(*) AS paren,
        sum(voor) AS som_eerste,
        sum(na) AS som_tweede,
        clienten(wie) AS clienten
    FROM paren
    GROUP BY GROUPING SETS ((jaar, leefgebied), (jaar, wijk, leefgebied), (jaar, team, leefgebied))
),
-- Een leefgebied is een band, op alfabet; van een jaar waarin 11, 12 of 13 leefgebieden zijn gemeten.
genummerd AS (
    SELECT
        jaar,
        wijk,
        team,
        leefgebied,
        paren,
        som_eerste,
        som_tweede,
        clienten,
        CAST(dense_rank() OVER (PARTITION BY jaar ORDER BY leefgebied) AS BIGINT) AS band,
        CAST(sum(CASE WHEN wijk IS NULL AND team IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY jaar) AS BIGINT)
            AS banden
    FROM geteld
),
-- Heel Schiedam hoort bij beide indelingen.
gebieden AS (
    SELECT
        g.jaar,
        i.indeling,
        coalesce(g.wijk, g.team, 'alle') AS gebied,
        g.leefgebied,
        g.band,
        g.banden,
        g.paren,
        g.som_eerste,
        g.som_tweede,
        g.clienten
    FROM genummerd AS g
    INNER JOIN (VALUES ('wijk'), ('team')) AS i (indeling)
        ON (i.indeling = 'wijk' AND g.team IS NULL) OR (i.indeling = 'team' AND g.wijk IS NULL)
),
-- Elk leefgebied telt twee keer: als zichzelf en in totaal. Een rij is een reeks banden: van en tot en
-- met.
rijen AS (
    SELECT
        g.jaar,
        g.indeling,
        g.gebied,
        coalesce(m.leefgebied, g.leefgebied) AS leefgebied,
        CAST(sum(g.paren) AS BIGINT) AS paren,
        CAST(sum(g.som_eerste) AS BIGINT) AS som_eerste,
        CAST(sum(g.som_tweede) AS BIGINT) AS som_tweede,
        min(CASE WHEN m.leefgebied IS NULL THEN g.band ELSE 1 END) AS van,
        max(CASE WHEN m.leefgebied IS NULL THEN g.band ELSE g.banden END) AS tot,
        max(g.clienten) AS clienten
    FROM gebieden AS g
    CROSS JOIN (VALUES (CAST(NULL AS VARCHAR)), ('totaal')) AS m (leefgebied)
    GROUP BY g.jaar, g.indeling, g.gebied, coalesce(m.leefgebied, g.leefgebied)
)
SELECT
    jaar,
    '2020' AS definitie,
    indeling,
    gebied,
    leefgebied,
    paren,
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
    CASE WHEN leefgebied = 'totaal' THEN 14 ELSE van END AS volgorde,
    van,
    tot,
    som_eerste,
    som_tweede,
    clienten
FROM rijen
ORDER BY jaar, indeling, gebied, volgorde

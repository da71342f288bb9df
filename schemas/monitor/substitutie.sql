-- Hoe vaak informele zorg formele zorg verving.
--
-- Definitie 2020: afgesloten trajecten (hulpvragen zonder betrokkenen) naar het jaar van de afsluiting;
-- met substitutie zijn de trajecten waarin informele zorg formele zorg verving. Het doel was een op de
-- vijf. Percentages zijn hele getallen, een half naar boven.
--
-- Bron: wot-casus. Alleen 2020: daarna meet de monitor dit niet meer (zie de view welzijn).
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        CASE WHEN substitutie THEN 1 ELSE 2 END AS band,
        count(*) AS aantal,
        clienten(coalesce(client, clientnr)) AS clienten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND afsluitdatum >= DATE '2020-01-01' AND afsluitdatum <= DATE '2020-12-31'
    GROUP BY CASE WHEN substitutie THEN 1 ELSE 2 END
),
-- Een rij van de monitor is een reeks banden: van en tot en met.
rijen AS (
    SELECT
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
            (1, 'trajecten met substitutie', 1, 1),
            (2, 'zonder of onbekend', 2, 2),
            (3, 'totaal', 1, 2)
    ) AS r (volgorde, rij, van, tot)
    GROUP BY r.volgorde, r.rij, r.van, r.tot
)
SELECT
    CAST(2020 AS BIGINT) AS jaar,
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

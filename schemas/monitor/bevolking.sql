-- Hoeveel inwoners Schiedam heeft, in drie leeftijdsgroepen (definitie 2020), op 1 januari.
--
-- Het procent heeft hier één decimaal, zoals in het jaarverslag over 2020; een half gaat naar boven.
--
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        jaar,
        CASE leeftijdsgroep WHEN '0-17' THEN 1 WHEN '18-64' THEN 2 ELSE 3 END AS band,
        sum(aantal) AS aantal
    FROM magazijn.bevolking
    GROUP BY jaar, CASE leeftijdsgroep WHEN '0-17' THEN 1 WHEN '18-64' THEN 2 ELSE 3 END
),
rijen AS (
    SELECT
        g.jaar,
        r.volgorde,
        r.rij,
        CAST(sum(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(g.aantal) AS BIGINT) AS totaal
    FROM geteld AS g
    CROSS JOIN (
        VALUES (1, '0-17', 1, 1), (2, '18-64', 2, 2), (3, '65+', 3, 3), (4, 'totaal', 1, 3)
    ) AS r (volgorde, rij, van, tot)
    GROUP BY g.jaar, r.volgorde, r.rij
)
SELECT
    jaar,
    '2020' AS definitie,
    rij,
    aantal,
    CAST(
        floor((2000 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) / 10
        AS DECIMAL(4, 1)
    ) AS procent,
    volgorde
FROM rijen
WHERE totaal > 0
ORDER BY jaar, volgorde

-- Welke trainingsprogramma's de WOT Academie gaf, en hoeveel mensen meededen.
--
-- Definitie 2023. De norm is 3 programma's in een jaar: de rij totaal telt ze. Wie meer programma's
-- volgde, telt bij elk programma mee.
--
-- Bron: trainingen. Sinds 2023.
-- Sorteer op jaar, volgorde en programma.
SELECT jaar, '2023' AS definitie, programma, 1 AS programmas, deelnemers, 1 AS volgorde
FROM magazijn.training
WHERE jaar >= 2023
UNION ALL
SELECT
    jaar,
    '2023' AS definitie,
    'totaal' AS programma,
    count(*) AS programmas,
    CAST(sum(deelnemers) AS BIGINT) AS deelnemers,
    2 AS volgorde
FROM magazijn.training
WHERE jaar >= 2023
GROUP BY jaar
ORDER BY jaar, volgorde, programma

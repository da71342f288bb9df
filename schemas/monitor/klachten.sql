-- Hoeveel klachten er over het WOT waren, en hoe zij zijn afgehandeld.
--
-- Definitie 2023: klachten over hulp aan volwassenen, naar het jaar waarin zij binnenkwamen. Klachten
-- over hulp aan jeugd horen bij Mevis en tellen niet mee. Een klacht die nog loopt, of waarvan niet
-- bekend is hoe zij is afgehandeld, telt bij "loopt nog of onbekend". Er is geen norm.
--
-- Bron: klachten. Sinds 2023.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        jaar,
        CASE afhandeling
            WHEN 'doorgestuurd' THEN 1
            WHEN 'niet in behandeling' THEN 2
            WHEN 'informeel afgehandeld' THEN 3
            WHEN 'formeel afgehandeld' THEN 4
            ELSE 5
        END AS groep,
        count(*) AS aantal
    FROM magazijn.klacht
    WHERE jaar >= 2023
    GROUP BY
        jaar,
        CASE afhandeling
            WHEN 'doorgestuurd' THEN 1
            WHEN 'niet in behandeling' THEN 2
            WHEN 'informeel afgehandeld' THEN 3
            WHEN 'formeel afgehandeld' THEN 4
            ELSE 5
        END
)
SELECT
    g.jaar,
    '2023' AS definitie,
    r.rij,
    CAST(sum(CASE WHEN g.groep BETWEEN r.van AND r.tot THEN g.aantal ELSE 0 END) AS BIGINT) AS aantal,
    r.volgorde
FROM geteld AS g
-- Een rij van de monitor is een reeks groepen: van en tot en met.
CROSS JOIN (
    VALUES
        (1, 'doorgestuurd', 1, 1),
        (2, 'niet in behandeling', 2, 2),
        (3, 'informeel afgehandeld', 3, 3),
        (4, 'formeel afgehandeld', 4, 4),
        (5, 'loopt nog of onbekend', 5, 5),
        (6, 'totaal', 1, 5)
) AS r (volgorde, rij, van, tot)
GROUP BY g.jaar, r.volgorde, r.rij
ORDER BY g.jaar, r.volgorde

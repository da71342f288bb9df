-- Waarom trajecten zijn afgesloten.
--
-- Definitie 2023: afgesloten hulpvragen (zonder betrokkenen) naar het jaar van de afsluiting. De
-- norm is 80 % doelen gerealiseerd. Een afsluiting zonder reden telt als anders of onbekend.
-- Percentages zijn hele getallen, een half naar boven.
--
-- Bron: wot-casus. Sinds 2023.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT jaar, band, count(*) AS aantal, clienten(wie) AS clienten
    FROM (
        SELECT
            CAST(date_part('year', afsluitdatum) AS BIGINT) AS jaar,
            CASE reden_afsluiting
                WHEN 'doelen gerealiseerd' THEN 1
                WHEN 'stopgezet door client' THEN 2
                WHEN 'doorverwijzing' THEN 3
                WHEN 'verhuizing' THEN 4
                ELSE 5
            END AS band,
            coalesce(client, clientnr) AS wie
        FROM magazijn.hulpvraag
        WHERE soort = 'hulpvraag' AND afsluitdatum IS NOT NULL
    ) AS afgesloten
    WHERE jaar >= 2023
    GROUP BY jaar, band
),
-- Een rij van de monitor is een reeks banden: van en tot en met.
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
            (1, 'doelen gerealiseerd', 1, 1),
            (2, 'stopgezet door client', 2, 2),
            (3, 'doorverwijzing', 3, 3),
            (4, 'verhuizing', 4, 4),
            (5, 'anders of onbekend', 5, 5),
            (6, 'totaal', 1, 5)
    ) AS r (volgorde, rij, van, tot)
    GROUP BY g.jaar, r.volgorde, r.rij, r.van, r.tot
)
SELECT
    jaar,
    '2023' AS definitie,
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

-- Hoe oud de inwoners met een hulpvraag zijn, op de dag van de melding.
--
-- Hulpvragen en betrokkenen naar het jaar van de melding. De definitie van 2020 kent drie groepen,
-- die van 2023 zes; een grens hoort bij de hogere groep (50 tot 68 is 50 tot en met 67 jaar). Een
-- onbekende leeftijd telt mee in het totaal. Percentages zijn hele getallen, een half naar boven.
--
-- Bron: wot-casus. Sinds 2020; voor 2021 en 2022 is geen definitie gepubliceerd. Sinds 2023 hoort jeugd
-- bij Mevis; wie jonger dan 18 is, staat hier alleen nog als het WOT toch hielp.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        jaar,
        CASE WHEN jaar = 2020 THEN '2020' ELSE '2023' END AS definitie,
        band,
        count(*) AS aantal,
        clienten(wie) AS clienten
    FROM (
        SELECT
            jaar,
            CASE leeftijdsgroep
                WHEN '0-17' THEN 1
                WHEN '18-26' THEN 2
                WHEN '27-49' THEN 3
                WHEN '50-64' THEN 4
                WHEN '65-67' THEN 5
                WHEN '68-74' THEN 6
                WHEN '75+' THEN 7
                ELSE 8
            END AS band,
            coalesce(client, clientnr) AS wie
        FROM magazijn.hulpvraag
        WHERE jaar = 2020 OR jaar >= 2023
    ) AS hulpvraag
    GROUP BY jaar, band
),
-- Een rij van de monitor is een reeks banden: van en tot en met.
rijen AS (
    SELECT
        g.jaar,
        g.definitie,
        r.volgorde,
        r.rij,
        r.van,
        r.tot,
        CAST(sum(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(g.aantal) AS BIGINT) AS totaal,
        max(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.clienten ELSE 0 END) AS clienten
    FROM geteld AS g
    INNER JOIN (
        VALUES
            ('2020', 1, '0-17', 1, 1),
            ('2020', 2, '18-64', 2, 4),
            ('2020', 3, '65+', 5, 7),
            ('2020', 4, 'onbekend', 8, 8),
            ('2020', 5, 'totaal', 1, 8),
            ('2023', 1, '0 tot 18', 1, 1),
            ('2023', 2, '18 tot 27', 2, 2),
            ('2023', 3, '27 tot 50', 3, 3),
            ('2023', 4, '50 tot 68', 4, 5),
            ('2023', 5, '68 tot 75', 6, 6),
            ('2023', 6, '75+', 7, 7),
            ('2023', 7, 'onbekend', 8, 8),
            ('2023', 8, 'tot 50', 1, 3),
            ('2023', 9, 'totaal', 1, 8)
    ) AS r (definitie, volgorde, rij, van, tot) ON r.definitie = g.definitie
    GROUP BY g.jaar, g.definitie, r.volgorde, r.rij, r.van, r.tot
)
SELECT
    jaar,
    definitie,
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

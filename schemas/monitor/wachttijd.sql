-- Hoe lang inwoners wachtten: van de melding tot de start van de begeleiding.
--
-- Definitie 2023: hulpvragen (zonder betrokkenen) naar het jaar van de melding. Grenzen in dagen:
-- tot en met 7, 14 en 28. De norm is 80 % binnen 4 weken. Ontbreekt een van de datums of ligt de
-- start voor de melding, dan is de wachttijd onbekend; onbekend telt mee in het totaal.
-- Percentages zijn hele getallen, een half naar boven.
--
-- Bron: wot-casus. Sinds 2023: in 2020 was de wachttijd niet te meten.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH gemeten AS (
    SELECT
        jaar,
        CASE
            WHEN meldingsdatum IS NULL OR startdatum IS NULL OR startdatum < meldingsdatum THEN 5
            WHEN startdatum <= meldingsdatum + INTERVAL '7 days' THEN 1
            WHEN startdatum <= meldingsdatum + INTERVAL '14 days' THEN 2
            WHEN startdatum <= meldingsdatum + INTERVAL '28 days' THEN 3
            ELSE 4
        END AS band,
        coalesce(client, clientnr) AS wie
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND jaar >= 2023
),
geteld AS (
    SELECT jaar, band, count(*) AS aantal, clienten(wie) AS clienten
    FROM gemeten
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
            (1, 'tot 1 week', 1, 1),
            (2, '1 tot 2 weken', 2, 2),
            (3, '2 tot 4 weken', 3, 3),
            (4, '> 4 weken', 4, 4),
            (5, 'onbekend', 5, 5),
            (6, 'binnen 4 weken', 1, 3),
            (7, 'totaal', 1, 5)
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

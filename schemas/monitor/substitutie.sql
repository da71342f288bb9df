-- Hoe vaak informele zorg formele zorg verving.
--
-- Definitie 2020: afgesloten trajecten (hulpvragen zonder betrokkenen) naar het jaar van de afsluiting;
-- met substitutie zijn de trajecten waarin informele zorg formele zorg verving. Het doel was een op de
-- vijf. Percentages zijn hele getallen, een half naar boven. Na 2020 meet de monitor dit niet meer: zie
-- de view welzijn.
--
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        CAST(date_part('year', afsluitdatum) AS BIGINT) AS jaar,
        count(*) AS totaal,
        CAST(sum(CASE WHEN substitutie THEN 1 ELSE 0 END) AS BIGINT) AS met
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND date_part('year', afsluitdatum) = 2020
    GROUP BY date_part('year', afsluitdatum)
),
rijen AS (
    SELECT
        g.jaar,
        r.volgorde,
        r.rij,
        CASE WHEN r.volgorde = 1 THEN g.met ELSE g.totaal END AS aantal,
        g.totaal
    FROM geteld AS g
    CROSS JOIN (VALUES (1, 'trajecten met substitutie'), (2, 'totaal')) AS r (volgorde, rij)
)
SELECT
    jaar,
    '2020' AS definitie,
    rij,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde
FROM rijen
ORDER BY jaar, volgorde

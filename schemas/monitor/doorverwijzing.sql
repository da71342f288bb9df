-- Waarheen het WOT doorverwees: de tien bestemmingen die het vaakst voorkomen.
--
-- Definitie 2020: hulpvragen (zonder betrokkenen) die zijn doorverwezen, naar het jaar van de melding
-- en naar de bestemming. De rang loopt van vaak naar minder vaak; bij gelijke aantallen beslist het
-- alfabet. Wat buiten de eerste tien valt, of geen bestemming heeft, staat onder "overig of onbekend".
-- Percentages zijn van alle doorverwijzingen van het jaar, hele getallen, een half naar boven. Het
-- jaarverslag drukt alleen de rang af; de aantallen in de demo zijn vulling.
--
-- Bron: wot-casus. Alleen 2020: daarna drukt het jaarverslag deze lijst niet meer af.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        jaar,
        doorverwezen_naar AS bestemming,
        count(*) AS aantal,
        clienten(coalesce(client, clientnr)) AS clienten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND jaar = 2020 AND afhandeling = 'doorverwezen'
    GROUP BY jaar, doorverwezen_naar
),
gerangschikt AS (
    SELECT
        jaar,
        bestemming,
        aantal,
        clienten,
        CAST(
            row_number() OVER (PARTITION BY jaar ORDER BY bestemming IS NULL, aantal DESC, bestemming) AS BIGINT
        ) AS plaats
    FROM geteld
),
-- De rij van een bestemming is haar rang, 11 is al het andere (dat staat er ook als het 0 is) en 12 het
-- totaal van 1 tot en met 11.
rijen AS (
    SELECT
        g.jaar,
        CASE
            WHEN d.volgorde IS NOT NULL THEN d.volgorde
            WHEN g.plaats <= 10 AND g.bestemming IS NOT NULL THEN g.plaats
            ELSE 11
        END AS volgorde,
        g.bestemming,
        CASE WHEN d.volgorde = 11 THEN 0 ELSE g.aantal END AS aantal,
        CASE WHEN d.volgorde = 11 THEN 0 ELSE g.clienten END AS clienten
    FROM gerangschikt AS g
    CROSS JOIN (VALUES (CAST(NULL AS BIGINT)), (11), (12)) AS d (volgorde)
),
samen AS (
    SELECT
        jaar,
        volgorde,
        max(bestemming) AS bestemming,
        CAST(sum(aantal) AS BIGINT) AS aantal,
        max(clienten) AS clienten
    FROM rijen
    GROUP BY jaar, volgorde
),
naast_totaal AS (
    SELECT
        jaar,
        volgorde,
        bestemming,
        aantal,
        clienten,
        max(aantal) OVER (PARTITION BY jaar) AS totaal
    FROM samen
)
SELECT
    jaar,
    '2020' AS definitie,
    CASE volgorde WHEN 11 THEN 'overig of onbekend' WHEN 12 THEN 'totaal' ELSE bestemming END AS rij,
    CASE WHEN volgorde <= 10 THEN volgorde END AS rang,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde,
    CASE volgorde WHEN 12 THEN 1 ELSE volgorde END AS van,
    CASE volgorde WHEN 12 THEN 11 ELSE volgorde END AS tot,
    clienten
FROM naast_totaal
ORDER BY jaar, volgorde

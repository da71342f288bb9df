-- Waarheen het WOT doorverwees: de tien bestemmingen die het vaakst voorkomen.
--
-- Definitie 2020: hulpvragen (zonder betrokkenen) die zijn doorverwezen, naar het jaar van de melding
-- en naar de bestemming. De rang loopt van vaak naar minder vaak; bij gelijke aantallen beslist het
-- alfabet. Percentages zijn van alle doorverwijzingen van het jaar, hele getallen, een half naar boven.
-- Het jaarverslag drukt alleen de rang af; de aantallen in de demo zijn vulling.
--
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT jaar, doorverwezen_naar AS rij, count(*) AS aantal
    FROM magazijn.hulpvraag
    WHERE
        soort = 'hulpvraag'
        AND jaar = 2020
        AND afhandeling = 'doorverwezen'
        AND doorverwezen_naar IS NOT NULL
    GROUP BY jaar, doorverwezen_naar
),
gerangschikt AS (
    SELECT
        jaar,
        rij,
        aantal,
        CAST(sum(aantal) OVER (PARTITION BY jaar) AS BIGINT) AS totaal,
        CAST(row_number() OVER (PARTITION BY jaar ORDER BY aantal DESC, rij) AS BIGINT) AS rang
    FROM geteld
)
SELECT
    jaar,
    '2020' AS definitie,
    rij,
    rang,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    rang AS volgorde
FROM gerangschikt
WHERE rang <= 10
ORDER BY jaar, volgorde

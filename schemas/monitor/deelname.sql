-- Hoeveel mensen begonnen aan een welzijnsactiviteit, per partner.
--
-- Naar het jaar van de start. Een deelname is één deelnemer aan één activiteit; via_makelaar telt de
-- deelnames waarbij de welzijnsmakelaar de deelnemer bracht, en procent is hun deel van alle deelnames
-- (is het niet bekend, dan telt de deelname in het totaal mee). Elke partner heeft eigen nummers: wie
-- bij twee partners meedoet, telt bij de rij totaal als twee deelnemers. Percentages zijn hele getallen,
-- een half naar boven.
--
-- De jaarverslagen kennen dit cijfer niet; de definitie is van de monitor zelf.
-- Sorteer op jaar, volgorde en partner.
WITH deelnames AS (
    SELECT jaar, bron AS partner, deelnemer, via_makelaar, 1 AS volgorde
    FROM magazijn.deelname
    UNION ALL
    SELECT jaar, 'totaal' AS partner, deelnemer, via_makelaar, 2 AS volgorde
    FROM magazijn.deelname
),
geteld AS (
    SELECT
        jaar,
        partner,
        count(*) AS deelnames,
        count(DISTINCT deelnemer) AS deelnemers,
        CAST(sum(CASE WHEN via_makelaar THEN 1 ELSE 0 END) AS BIGINT) AS via_makelaar,
        volgorde
    FROM deelnames
    GROUP BY jaar, partner, volgorde
)
SELECT
    jaar,
    'eigen' AS definitie,
    partner,
    deelnames,
    deelnemers,
    via_makelaar,
    CAST(
        floor((200 * CAST(via_makelaar AS DOUBLE) + deelnames) / (2 * CAST(deelnames AS DOUBLE)))
        AS BIGINT
    ) AS procent,
    volgorde
FROM geteld
ORDER BY jaar, volgorde, partner

-- Hoeveel mensen begonnen aan een welzijnsactiviteit, per partner.
--
-- Naar het jaar van de start. Een deelname is één deelnemer aan één activiteit. Via de makelaar zijn de
-- deelnames waarbij de welzijnsmakelaar de deelnemer bracht; is het niet bekend, dan telt de deelname bij
-- anders of onbekend. Procent is het deel van de deelnames van die partner, in hele getallen, een half
-- naar boven. De rij deelnemers telt verschillende mensen. Elke partner heeft eigen nummers: wie bij
-- twee partners meedoet, telt bij partner "alle" als twee deelnemers.
--
-- Bronnen: dock, buurtwerk, seniorenwelzijn. De jaarverslagen kennen dit cijfer niet; de definitie is van
-- de monitor zelf en geldt voor alle jaren die zijn geleverd.
-- Sorteer op jaar, partner en volgorde.
WITH deelnemers AS (
    SELECT
        jaar,
        bron,
        deelnemer,
        count(*) AS deelnames,
        CAST(sum(CASE WHEN via_makelaar THEN 1 ELSE 0 END) AS BIGINT) AS via_makelaar
    FROM magazijn.deelname
    GROUP BY jaar, bron, deelnemer
),
geteld AS (
    SELECT
        jaar,
        bron,
        CAST(sum(deelnames) AS BIGINT) AS deelnames,
        CAST(sum(via_makelaar) AS BIGINT) AS via_makelaar,
        count(*) AS deelnemers,
        CAST(sum(CASE WHEN via_makelaar > 0 THEN 1 ELSE 0 END) AS BIGINT) AS via_mensen,
        CAST(sum(CASE WHEN via_makelaar < deelnames THEN 1 ELSE 0 END) AS BIGINT) AS andere_mensen
    FROM deelnemers
    GROUP BY jaar, bron
),
-- Elke partner telt twee keer: als zichzelf en in alle. De mensen van twee partners zijn verschillende
-- nummers, dus die mogen worden opgeteld.
met_alle AS (
    SELECT
        g.jaar,
        coalesce(m.partner, g.bron) AS partner,
        CAST(sum(g.deelnames) AS BIGINT) AS deelnames,
        CAST(sum(g.via_makelaar) AS BIGINT) AS via_makelaar,
        CAST(sum(g.deelnemers) AS BIGINT) AS deelnemers,
        CAST(sum(g.via_mensen) AS BIGINT) AS via_mensen,
        CAST(sum(g.andere_mensen) AS BIGINT) AS andere_mensen
    FROM geteld AS g
    CROSS JOIN (VALUES (CAST(NULL AS VARCHAR)), ('alle')) AS m (partner)
    GROUP BY g.jaar, coalesce(m.partner, g.bron)
),
-- Een rij is een reeks banden: van en tot en met.
rijen AS (
    SELECT
        a.jaar,
        a.partner,
        r.rij,
        CASE r.volgorde
            WHEN 1 THEN a.via_makelaar
            WHEN 2 THEN a.deelnames - a.via_makelaar
            WHEN 3 THEN a.deelnames
            ELSE a.deelnemers
        END AS aantal,
        a.deelnames,
        r.volgorde,
        r.van,
        r.tot,
        CASE r.volgorde WHEN 1 THEN a.via_mensen WHEN 2 THEN a.andere_mensen ELSE a.deelnemers END AS clienten
    FROM met_alle AS a
    CROSS JOIN (
        VALUES
            (1, 'via de makelaar', 1, 1),
            (2, 'anders of onbekend', 2, 2),
            (3, 'deelnames', 1, 2),
            (4, 'deelnemers', 3, 3)
    ) AS r (volgorde, rij, van, tot)
)
SELECT
    jaar,
    'eigen' AS definitie,
    partner,
    rij,
    aantal,
    CASE
        WHEN rij <> 'deelnemers'
            THEN CAST(
                floor((200 * CAST(aantal AS DOUBLE) + deelnames) / (2 * CAST(deelnames AS DOUBLE))) AS BIGINT
            )
    END AS procent,
    volgorde,
    van,
    tot,
    clienten
FROM rijen
ORDER BY jaar, partner, volgorde

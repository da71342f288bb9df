-- Hoeveel inwoners Schiedam heeft, in drie leeftijdsgroepen, ook per wijk, op 1 januari.
--
-- Definitie 2020: de groepen van het jaarverslag over 2020; ook latere jaren staan er in deze groepen.
-- De wijk "alle" is heel Schiedam. Het procent is het deel van de inwoners van die wijk en heeft hier
-- één decimaal, zoals in het jaarverslag; een half gaat naar boven.
--
-- Bronnen: cbs-bevolking, cbs-wijken. Elk jaar dat is geleverd; het jaarverslag drukt alleen 2020 af.
-- Sorteer op jaar, wijk en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        jaar,
        wijk,
        CASE leeftijdsgroep WHEN '0-17' THEN 1 WHEN '18-64' THEN 2 ELSE 3 END AS band,
        CAST(sum(aantal) AS BIGINT) AS aantal
    FROM magazijn.bevolking
    GROUP BY jaar, wijk, CASE leeftijdsgroep WHEN '0-17' THEN 1 WHEN '18-64' THEN 2 ELSE 3 END
),
-- Elke wijk telt twee keer: als zichzelf en in alle.
rijen AS (
    SELECT
        g.jaar,
        coalesce(m.wijk, g.wijk) AS wijk,
        r.volgorde,
        r.rij,
        r.van,
        r.tot,
        CAST(sum(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(g.aantal) AS BIGINT) AS totaal
    FROM geteld AS g
    CROSS JOIN (VALUES (CAST(NULL AS VARCHAR)), ('alle')) AS m (wijk)
    CROSS JOIN (
        VALUES (1, '0-17', 1, 1), (2, '18-64', 2, 2), (3, '65+', 3, 3), (4, 'totaal', 1, 3)
    ) AS r (volgorde, rij, van, tot)
    GROUP BY g.jaar, coalesce(m.wijk, g.wijk), r.volgorde, r.rij, r.van, r.tot
)
SELECT
    r.jaar,
    '2020' AS definitie,
    r.wijk,
    coalesce(w.naam, CASE r.wijk WHEN 'alle' THEN 'Schiedam' ELSE r.wijk END) AS naam,
    r.rij,
    r.aantal,
    CAST(
        floor((2000 * CAST(r.aantal AS DOUBLE) + r.totaal) / (2 * CAST(r.totaal AS DOUBLE))) / 10
        AS DECIMAL(4, 1)
    ) AS procent,
    r.volgorde,
    r.van,
    r.tot,
    r.totaal
FROM rijen AS r
LEFT JOIN magazijn.wijk AS w ON w.slug = r.wijk
WHERE r.totaal > 0
ORDER BY r.jaar, r.wijk, r.volgorde

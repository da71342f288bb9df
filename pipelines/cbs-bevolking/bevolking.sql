-- Inwoners per wijk en leeftijdsgroep. De koppeling met de wijken laat de regels voor de hele
-- gemeente weg: die zouden iedereen dubbel tellen.
SELECT
    levering.jaar AS jaar,
    wijk.slug AS wijk,
    CASE
        WHEN levering.leeftijd < 18 THEN '0-17'
        WHEN levering.leeftijd < 65 THEN '18-64'
        ELSE '65+'
    END AS leeftijdsgroep,
    CAST(sum(levering.aantal) AS BIGINT) AS aantal
FROM levering
INNER JOIN magazijn.wijk AS wijk ON wijk.code = levering.code
GROUP BY
    levering.jaar,
    wijk.slug,
    CASE
        WHEN levering.leeftijd < 18 THEN '0-17'
        WHEN levering.leeftijd < 65 THEN '18-64'
        ELSE '65+'
    END

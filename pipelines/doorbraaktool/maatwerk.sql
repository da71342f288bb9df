-- Een rij per casus, met het aantal wetten en wat de casus netto bespaart. De rest van de casus staat
-- bij elke wet hetzelfde.
SELECT
    CAST(date_part('year', datum) AS BIGINT) AS jaar,
    casus,
    datum,
    count(wet) AS wetten,
    baten,
    lasten,
    baten - lasten AS besparing
FROM levering
GROUP BY casus, datum, baten, lasten

-- Een rij per wet die in een casus een rol speelde; een casus zonder wetten heeft hier geen rij.
SELECT
    CAST(date_part('year', datum) AS BIGINT) AS jaar,
    casus,
    wet
FROM levering
WHERE wet IS NOT NULL

-- Aantallen per maand, met het jaar van de maand.
SELECT CAST(date_part('year', maand) AS BIGINT) AS jaar, maand, sector, soort, aantal
FROM levering

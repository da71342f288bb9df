-- Korte contacten, met het jaar van hun datum.
SELECT
    CAST(date_part('year', datum) AS BIGINT) AS jaar,
    datum,
    coalesce(team, 'onbekend') AS team,
    coalesce(onderwerp, 'onbekend') AS onderwerp,
    aantal
FROM levering

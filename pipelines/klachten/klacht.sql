-- Een rij per klacht over hulp aan volwassenen. Klachten over hulp aan jeugd horen bij Mevis en blijven
-- buiten het magazijn.
SELECT
    CAST(date_part('year', datum) AS BIGINT) AS jaar,
    klacht,
    datum,
    coalesce(soort, 'onbekend') AS soort,
    coalesce(afhandeling, 'onbekend') AS afhandeling
FROM levering
WHERE doelgroep = 'volwassenen'

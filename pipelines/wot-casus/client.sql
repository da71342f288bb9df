-- Een rij per clientnummer: de wijk en het team van de laatste melding, en het BSN-pseudoniem van de
-- laatste melding waar een BSN bij stond. Met vensters en niet met een aggregaat: die vergt bij grote
-- leveringen veel meer geheugen.
SELECT clientnr, client, wijk, team, laatste_melding
FROM (
    SELECT
        clientnr,
        first_value(client) OVER (
            PARTITION BY clientnr ORDER BY client IS NULL, meldingsdatum DESC NULLS LAST, hulpvraag
        ) AS client,
        coalesce(wijk, 'onbekend') AS wijk,
        coalesce(team, 'onbekend') AS team,
        meldingsdatum AS laatste_melding,
        row_number() OVER (
            PARTITION BY clientnr ORDER BY meldingsdatum DESC NULLS LAST, hulpvraag
        ) AS nummer
    FROM levering
    WHERE clientnr IS NOT NULL
) AS genummerd
WHERE nummer = 1

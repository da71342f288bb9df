-- Een rij per clientnummer: de wijk en het team van de laatste melding, en het BSN-pseudoniem van de
-- laatste melding waar een BSN bij stond.
SELECT
    clientnr,
    first_value(client ORDER BY client IS NULL, meldingsdatum DESC NULLS LAST, hulpvraag) AS client,
    first_value(coalesce(wijk, 'onbekend') ORDER BY meldingsdatum DESC NULLS LAST, hulpvraag) AS wijk,
    first_value(coalesce(team, 'onbekend') ORDER BY meldingsdatum DESC NULLS LAST, hulpvraag) AS team,
    max(meldingsdatum) AS laatste_melding
FROM levering
WHERE clientnr IS NOT NULL
GROUP BY clientnr

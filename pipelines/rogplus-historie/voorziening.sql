-- Een rij per voorziening. Een stop noemt ook de begindatum, dus het laatste record zegt alles; wie een
-- stop intrekt (verwijderd), laat de voorziening weer lopen.
SELECT
    CAST(date_part('year', begindatum) AS BIGINT) AS jaar,
    'onbekend' AS wijk,
    'rogplus-historie' AS bron,
    nummer,
    client,
    'wmo' AS soort,
    product,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    begindatum AS startdatum,
    CASE WHEN status <> 'verwijderd' THEN einddatum END AS einddatum,
    CASE WHEN status <> 'verwijderd' THEN reden END AS reden_einde,
    CAST(NULL AS BIGINT) AS uren,
    CAST(NULL AS BIGINT) AS bedrag,
    status = 'verwijderd' AND einddatum IS NULL AS _verwijderd
FROM levering

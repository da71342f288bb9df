-- Elke meting (een rij met een kolom per leefgebied) wordt een rij per leefgebied.
--
-- Een levering bevat hele metingen: wat zij voor een meting zegt, vervangt wat er stond. Daarom
-- wordt een leeg vakje een verwijdering van die score; wie een score leegmaakt, haalt haar weg.
-- Het clientnummer kan in meer jaren van wot-casus voorkomen: de laatste melding telt.
SELECT
    CAST(date_part('year', meting.datum) AS BIGINT) AS jaar,
    coalesce(bekend.wijk, 'onbekend') AS wijk,
    bekend.client AS client,
    meting.clientnr AS clientnr,
    coalesce(bekend.team, 'onbekend') AS team,
    meting.meting AS meting,
    meting.datum AS datum,
    meting.cel['leefgebied'] AS leefgebied,
    meting.cel['score'] AS score,
    meting.verwijderd OR meting.cel['score'] IS NULL AS _verwijderd
FROM (
    SELECT
        clientnr,
        meting,
        datum,
        coalesce(actie, 'nieuw') = 'verwijderd' AS verwijderd,
        unnest(make_array(
            named_struct('leefgebied', 'financien', 'score', financien),
            named_struct('leefgebied', 'werk_en_opleiding', 'score', werk_en_opleiding),
            named_struct('leefgebied', 'tijdsbesteding', 'score', tijdsbesteding),
            named_struct('leefgebied', 'huisvesting', 'score', huisvesting),
            named_struct('leefgebied', 'huiselijke_relaties', 'score', huiselijke_relaties),
            named_struct('leefgebied', 'geestelijke_gezondheid', 'score', geestelijke_gezondheid),
            named_struct('leefgebied', 'lichamelijke_gezondheid', 'score', lichamelijke_gezondheid),
            named_struct('leefgebied', 'middelengebruik', 'score', middelengebruik),
            named_struct('leefgebied', 'adl', 'score', adl),
            named_struct('leefgebied', 'iadl', 'score', iadl),
            named_struct('leefgebied', 'sociaal_netwerk', 'score', sociaal_netwerk),
            named_struct('leefgebied', 'maatschappelijke_participatie', 'score', maatschappelijke_participatie),
            named_struct('leefgebied', 'justitie', 'score', justitie)
        )) AS cel
    FROM levering
) AS meting
LEFT JOIN (
    SELECT clientnr, client, wijk, team
    FROM (
        SELECT
            clientnr,
            client,
            wijk,
            team,
            row_number() OVER (
                PARTITION BY clientnr
                ORDER BY laatste_melding DESC NULLS LAST, wijk, team, client
            ) AS volgorde
        FROM magazijn.client
    ) AS gerangschikt
    WHERE volgorde = 1
) AS bekend
    ON bekend.clientnr = meting.clientnr

-- Stapeling: hoeveel mensen in een jaar een of meer soorten voorzieningen gebruikten, en welke samen.
--
-- Een persoon is een BSN-pseudoniem; dat is bij alle bronnen die het BSN rechtmatig leveren hetzelfde.
-- Staat het niet bij een hulpvraag, dan telt het BSN-pseudoniem dat elders bij hetzelfde clientnummer
-- staat. Wie geen BSN heeft, is niet te koppelen en telt hier niet mee.
-- Een soort is wot (een hulpvraag bij de wijkondersteuningsteams) of de soort van een voorziening: wmo,
-- schuldhulp, participatie, begeleiding. Jeugdhulp telt niet mee: deze monitor gaat over volwassenen.
-- Iemand gebruikt een soort in een jaar als er in dat jaar minstens een dag een hulpvraag of
-- voorziening van die soort liep. Een hulpvraag begint met de melding (onbekend: de start, anders de
-- afsluiting). Zonder einde loopt zij nog. Zonder enige datum telt zij niet mee.
-- aantal_voorzieningen is het aantal verschillende soorten; combinatie noemt ze, op alfabet. Twee
-- voorzieningen van dezelfde soort zijn er dus een.
-- De wijk is de laatste die bekend is, voor alle jaren dezelfde: die van de laatste hulpvraag, en
-- anders die van de laatste voorziening. De wijk "alle" is iedereen samen.
--
-- Bronnen: wot-casus, rogplus-wmo, rogplus-historie, stroomopwaarts, mee, minters, pameijer, enver,
-- fortagroep, clessidra, parnassia. De jaarverslagen kennen dit cijfer niet; de definitie is van de
-- monitor zelf en begint in 2020.
-- Sorteer op jaar, wijk en volgorde.
WITH bekend AS (
    SELECT clientnr, client
    FROM (
        SELECT
            clientnr,
            client,
            row_number() OVER (
                PARTITION BY clientnr ORDER BY laatste_melding DESC NULLS LAST, client
            ) AS volgorde
        FROM magazijn.client
        -- Alleen van wie het bij een hulpvraag mist: dat zijn er weinig.
        WHERE
            client IS NOT NULL
            AND clientnr IN (SELECT clientnr FROM magazijn.hulpvraag WHERE client IS NULL)
    ) AS gerangschikt
    WHERE volgorde = 1
),
-- Elke soort is een macht van twee, zodat een som zegt welke soorten er samen zijn.
gebruik AS (
    SELECT
        client,
        16 AS soort,
        coalesce(meldingsdatum, startdatum, afsluitdatum) AS begin_dag,
        afsluitdatum AS eind_dag,
        wijk,
        1 AS voorrang
    FROM magazijn.hulpvraag
    WHERE client IS NOT NULL
    UNION ALL
    SELECT
        b.client,
        16 AS soort,
        coalesce(h.meldingsdatum, h.startdatum, h.afsluitdatum) AS begin_dag,
        h.afsluitdatum AS eind_dag,
        h.wijk,
        1 AS voorrang
    FROM magazijn.hulpvraag AS h
    INNER JOIN bekend AS b ON b.clientnr = h.clientnr
    WHERE h.client IS NULL
    UNION ALL
    SELECT
        client,
        CASE soort
            WHEN 'begeleiding' THEN 1 WHEN 'participatie' THEN 2 WHEN 'schuldhulp' THEN 4 WHEN 'wmo' THEN 8 ELSE 32
        END AS soort,
        coalesce(startdatum, einddatum) AS begin_dag,
        einddatum AS eind_dag,
        wijk,
        2 AS voorrang
    FROM magazijn.voorziening
    WHERE soort <> 'jeugd'
),
persoon AS (
    SELECT
        client,
        soort,
        begin_dag,
        CAST(date_part('year', begin_dag) AS BIGINT) AS begin_jaar,
        CAST(date_part('year', eind_dag) AS BIGINT) AS eind_jaar,
        wijk,
        voorrang
    FROM gebruik
    WHERE client IS NOT NULL AND begin_dag IS NOT NULL
),
-- Eerst per wijk de laatste dag: dan blijft er weinig te vergelijken.
laatst AS (
    SELECT client, wijk, voorrang, max(begin_dag) AS begin_dag
    FROM persoon
    WHERE wijk <> 'onbekend'
    GROUP BY client, wijk, voorrang
),
-- De eerste op volgorde van voorrang, van laat naar vroeg, en op alfabet. Als een tekst om de kleinste
-- van te nemen: een venster per persoon kost vele malen meer.
woonwijk AS (
    SELECT client, substr(min(CAST(voorrang * 100000000 + 99999999 - dag AS VARCHAR) || wijk), 10) AS wijk
    FROM (
        SELECT
            client,
            wijk,
            voorrang,
            CAST(
                date_part('year', begin_dag) * 10000 + date_part('month', begin_dag) * 100
                + date_part('day', begin_dag) AS BIGINT
            ) AS dag
        FROM laatst
    ) AS gedateerd
    GROUP BY client
),
-- Het laatste jaar waarin iets begon.
grens AS (
    SELECT max(jaar) AS jaar
    FROM (
        SELECT max(jaar) AS jaar FROM magazijn.hulpvraag
        UNION ALL
        SELECT CAST(max(date_part('year', coalesce(startdatum, einddatum))) AS BIGINT) AS jaar
        FROM magazijn.voorziening
    ) AS laatste
),
jaren AS (
    SELECT j.jaar
    FROM (
        VALUES
            (2020), (2021), (2022), (2023), (2024), (2025), (2026), (2027), (2028), (2029),
            (2030), (2031), (2032), (2033), (2034), (2035), (2036), (2037), (2038), (2039),
            (2040), (2041), (2042), (2043), (2044), (2045), (2046), (2047), (2048), (2049)
    ) AS j (jaar)
    INNER JOIN grens AS g ON j.jaar <= g.jaar
),
stapels AS (
    SELECT
        j.jaar,
        p.client,
        bit_or(p.soort) AS soorten,
        max(CASE WHEN p.begin_jaar = j.jaar THEN 1 ELSE 0 END) AS begon
    FROM persoon AS p
    INNER JOIN jaren AS j ON p.begin_jaar <= j.jaar AND (p.eind_jaar IS NULL OR p.eind_jaar >= j.jaar)
    GROUP BY j.jaar, p.client
),
geteld AS (
    SELECT
        s.jaar,
        coalesce(w.wijk, 'onbekend') AS wijk,
        s.soorten,
        count(*) AS personen,
        max(s.begon) AS begon
    FROM stapels AS s
    LEFT JOIN woonwijk AS w ON w.client = s.client
    GROUP BY s.jaar, coalesce(w.wijk, 'onbekend'), s.soorten
),
-- Een jaar waarin niets begon, staat er niet. Elke wijk telt twee keer: als zichzelf en in alle.
rijen AS (
    SELECT
        g.jaar,
        coalesce(m.wijk, g.wijk) AS wijk,
        g.soorten,
        CAST(sum(g.personen) AS BIGINT) AS personen
    FROM (
        SELECT jaar, wijk, soorten, personen, max(begon) OVER (PARTITION BY jaar) AS begon
        FROM geteld
    ) AS g
    CROSS JOIN (VALUES (CAST(NULL AS VARCHAR)), ('alle')) AS m (wijk)
    WHERE g.begon = 1
    GROUP BY g.jaar, coalesce(m.wijk, g.wijk), g.soorten
),
namen AS (
    SELECT
        r.jaar,
        r.wijk,
        r.soorten,
        count(*) AS aantal_voorzieningen,
        string_agg(k.naam, ' + ' ORDER BY k.naam) AS combinatie,
        max(r.personen) AS personen
    FROM rijen AS r
    INNER JOIN (
        VALUES
            (1, 'begeleiding'), (2, 'participatie'), (4, 'schuldhulp'), (8, 'wmo'), (16, 'wot'), (32, 'overig')
    ) AS k (soort, naam) ON (r.soorten & k.soort) > 0
    GROUP BY r.jaar, r.wijk, r.soorten
)
SELECT
    jaar,
    'eigen' AS definitie,
    wijk,
    aantal_voorzieningen,
    combinatie,
    personen,
    row_number() OVER (
        PARTITION BY jaar, wijk ORDER BY aantal_voorzieningen, combinatie
    ) AS volgorde
FROM namen
ORDER BY jaar, wijk, volgorde

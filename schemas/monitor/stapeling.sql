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
-- LEFT JOIN, hoewel wie nergens een BSN heeft verderop wegvalt: zo blijft de korte lijst in het geheugen,
-- en niet die van alle cliënten.
WITH bekend AS (
    SELECT clientnr, client
    FROM (
        SELECT
            z.clientnr,
            c.client,
            row_number() OVER (
                PARTITION BY z.clientnr
                ORDER BY CASE WHEN c.client IS NULL THEN 1 ELSE 0 END, c.laatste_melding DESC NULLS LAST, c.client
            ) AS volgorde
        FROM (
            SELECT DISTINCT clientnr
            FROM magazijn.hulpvraag
            WHERE client IS NULL AND clientnr IS NOT NULL
        ) AS z
        LEFT JOIN magazijn.client AS c ON c.clientnr = z.clientnr
    ) AS gerangschikt
    WHERE volgorde = 1
),
-- Wat iemand gebruikt. De wijk als nummer, en de volgorde waarin zij geldt als een getal: van voorrang,
-- van laat naar vroeg, en op alfabet.
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
-- LIMIT haalt niets weg (zoveel wijken heeft geen gemeente): het zegt de database dat de lijst kort is.
wijken AS (
    SELECT wijk, row_number() OVER (ORDER BY wijk) AS nummer
    FROM (
        SELECT wijk
        FROM (
            SELECT wijk FROM magazijn.hulpvraag
            UNION
            SELECT wijk FROM magazijn.voorziening
        ) AS alle
        WHERE wijk <> 'onbekend'
        ORDER BY wijk
        LIMIT 999
    ) AS lijst
),
-- De jaren waarin iets liep, als getal: elk jaar is een macht van twee, 2020 is een en 2049 de laatste.
-- Zo past een persoon in een rij, en hoeft niemand voor elk jaar apart te worden gevolgd.
regels AS (
    SELECT
        client,
        soort,
        CASE
            WHEN laatste >= eerste
            THEN (CAST(1 AS BIGINT) << (laatste + 1)) - (CAST(1 AS BIGINT) << eerste)
            ELSE 0
        END AS jaren,
        CASE
            WHEN laatste >= eerste AND eerste = begin_jaar - 2020 THEN CAST(1 AS BIGINT) << eerste ELSE 0
        END AS begon,
        voorrang * 100000000 + 99999999 - dag AS rang,
        wijk
    FROM (
        SELECT
            client,
            soort,
            begin_jaar,
            dag,
            voorrang,
            wijk,
            greatest(begin_jaar - 2020, 0) AS eerste,
            least(coalesce(eind_jaar, 2049) - 2020, 29) AS laatste
        FROM (
            SELECT
                client,
                soort,
                voorrang,
                wijk,
                CAST(date_part('year', begin_dag) AS BIGINT) AS begin_jaar,
                CAST(date_part('year', eind_dag) AS BIGINT) AS eind_jaar,
                CAST(
                    date_part('year', begin_dag) * 10000 + date_part('month', begin_dag) * 100
                    + date_part('day', begin_dag) AS BIGINT
                ) AS dag
            FROM gebruik
            WHERE client IS NOT NULL AND begin_dag IS NOT NULL
        ) AS gedateerd
    ) AS begrensd
),
personen AS (
    SELECT
        r.client,
        bit_or(CASE r.soort WHEN 1 THEN r.jaren ELSE 0 END) AS begeleiding,
        bit_or(CASE r.soort WHEN 2 THEN r.jaren ELSE 0 END) AS participatie,
        bit_or(CASE r.soort WHEN 4 THEN r.jaren ELSE 0 END) AS schuldhulp,
        bit_or(CASE r.soort WHEN 8 THEN r.jaren ELSE 0 END) AS wmo,
        bit_or(CASE r.soort WHEN 16 THEN r.jaren ELSE 0 END) AS wot,
        bit_or(CASE r.soort WHEN 32 THEN r.jaren ELSE 0 END) AS overig,
        bit_or(r.begon) AS begon,
        min(r.rang * 1000 + w.nummer) AS woonwijk
    FROM wijken AS w
    RIGHT JOIN regels AS r ON r.wijk = w.wijk
    GROUP BY r.client
),
-- Wie hetzelfde gebruikte in dezelfde jaren en dezelfde wijk, telt verder als een groep.
groepen AS (
    SELECT
        begeleiding, participatie, schuldhulp, wmo, wot, overig, begon, woonwijk % 1000 AS nummer, count(*) AS personen
    FROM personen
    GROUP BY begeleiding, participatie, schuldhulp, wmo, wot, overig, begon, woonwijk % 1000
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
    SELECT j.jaar, CAST(j.jaar - 2020 AS BIGINT) AS plaats
    FROM (
        VALUES
            (2020), (2021), (2022), (2023), (2024), (2025), (2026), (2027), (2028), (2029),
            (2030), (2031), (2032), (2033), (2034), (2035), (2036), (2037), (2038), (2039),
            (2040), (2041), (2042), (2043), (2044), (2045), (2046), (2047), (2048), (2049)
    ) AS j (jaar)
    INNER JOIN grens AS g ON j.jaar <= g.jaar
),
-- Elke soort is een macht van twee, zodat een som zegt welke soorten er samen zijn.
geteld AS (
    SELECT jaar, nummer, soorten, sum(personen) AS personen, max(begon) AS begon
    FROM (
        SELECT
            j.jaar,
            p.nummer,
            ((p.begeleiding >> j.plaats) & 1) + ((p.participatie >> j.plaats) & 1) * 2
            + ((p.schuldhulp >> j.plaats) & 1) * 4 + ((p.wmo >> j.plaats) & 1) * 8
            + ((p.wot >> j.plaats) & 1) * 16 + ((p.overig >> j.plaats) & 1) * 32 AS soorten,
            (p.begon >> j.plaats) & 1 AS begon,
            p.personen
        FROM groepen AS p
        CROSS JOIN jaren AS j
    ) AS per_jaar
    WHERE soorten > 0
    GROUP BY jaar, nummer, soorten
),
-- Een jaar waarin niets begon, staat er niet. Elke wijk telt twee keer: als zichzelf en in alle.
rijen AS (
    SELECT
        g.jaar,
        coalesce(m.wijk, w.wijk, 'onbekend') AS wijk,
        g.soorten,
        CAST(sum(g.personen) AS BIGINT) AS personen
    FROM (
        SELECT jaar, nummer, soorten, personen, max(begon) OVER (PARTITION BY jaar) AS begon
        FROM geteld
    ) AS g
    LEFT JOIN wijken AS w ON w.nummer = g.nummer
    CROSS JOIN (VALUES (CAST(NULL AS VARCHAR)), ('alle')) AS m (wijk)
    WHERE g.begon = 1
    GROUP BY g.jaar, coalesce(m.wijk, w.wijk, 'onbekend'), g.soorten
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

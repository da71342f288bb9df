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
        WHERE client IS NOT NULL
    ) AS gerangschikt
    WHERE volgorde = 1
),
gebruik AS (
    SELECT
        coalesce(h.client, b.client) AS client,
        'wot' AS soort,
        coalesce(h.meldingsdatum, h.startdatum, h.afsluitdatum) AS begin_dag,
        h.afsluitdatum AS eind_dag,
        h.wijk,
        1 AS voorrang
    FROM magazijn.hulpvraag AS h
    LEFT JOIN bekend AS b ON b.clientnr = h.clientnr
    UNION ALL
    SELECT
        client,
        soort,
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
woonwijk AS (
    SELECT client, wijk
    FROM (
        SELECT
            client,
            wijk,
            row_number() OVER (
                PARTITION BY client ORDER BY voorrang, begin_dag DESC, wijk
            ) AS volgorde
        FROM persoon
        WHERE wijk <> 'onbekend'
    ) AS gerangschikt
    WHERE volgorde = 1
),
-- Elk jaar een keer. Met een venster en niet met DISTINCT: DataFusion 55 leidt na een join met een
-- DISTINCT te veel af en laat dan hieronder de client uit GROUP BY weg.
jaren AS (
    SELECT begin_jaar AS jaar
    FROM (
        SELECT
            begin_jaar,
            row_number() OVER (PARTITION BY begin_jaar ORDER BY begin_dag) AS volgorde
        FROM persoon
        WHERE begin_jaar >= 2020
    ) AS genummerd
    WHERE volgorde = 1
),
soorten AS (
    SELECT DISTINCT j.jaar, p.client, p.soort
    FROM jaren AS j
    INNER JOIN persoon AS p
        ON p.begin_jaar <= j.jaar AND (p.eind_jaar IS NULL OR p.eind_jaar >= j.jaar)
),
stapels AS (
    SELECT
        jaar,
        client,
        count(*) AS aantal_voorzieningen,
        string_agg(soort, ' + ' ORDER BY soort) AS combinatie
    FROM soorten
    GROUP BY jaar, client
),
rijen AS (
    SELECT jaar, 'alle' AS wijk, aantal_voorzieningen, combinatie, count(*) AS personen
    FROM stapels
    GROUP BY jaar, aantal_voorzieningen, combinatie
    UNION ALL
    SELECT
        s.jaar,
        coalesce(w.wijk, 'onbekend') AS wijk,
        s.aantal_voorzieningen,
        s.combinatie,
        count(*) AS personen
    FROM stapels AS s
    LEFT JOIN woonwijk AS w ON w.client = s.client
    GROUP BY s.jaar, coalesce(w.wijk, 'onbekend'), s.aantal_voorzieningen, s.combinatie
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
FROM rijen
ORDER BY jaar, wijk, volgorde

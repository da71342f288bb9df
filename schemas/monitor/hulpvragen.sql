-- Hoeveel hulpvragen er in een jaar waren.
--
-- Definitie 2020 (jaarverslag over 2020): hulpvraag = nieuwe hulpvragen, naar het jaar van de
-- melding; personen = verschillende personen met een hulpvraag (ook als betrokkene) die in het jaar
-- liep; kort_contact = korte contacten. Het jaarverslag geeft ook de korte contacten van 2019.
-- Definitie 2023 (jaarverslag over 2023 en 2024): totaal = hulpvraag + betrokkene + kort_contact.
--
-- Een persoon is een BSN-pseudoniem. Staat dat niet bij de hulpvraag, dan het BSN-pseudoniem dat
-- elders bij hetzelfde clientnummer staat, en anders het clientnummer. Zonder BSN en zonder
-- clientnummer is een persoon niet te tellen. Een hulpvraag loopt van de melding (onbekend: de
-- start, anders de afsluiting) tot en met de afsluiting. Van wie een kort contact is weet niemand; voor
-- de regel van de kleine aantallen geldt elk kort contact als een ander mens.
--
-- Bronnen: wot-casus, korte-contacten. Definitie 2020 is van alle leeftijden, definitie 2023 van
-- volwassenen. Voor 2021 en 2022 is geen definitie gepubliceerd; die jaren staan niet in de monitor.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH geteld AS (
    SELECT
        jaar,
        CASE soort WHEN 'hulpvraag' THEN 1 ELSE 2 END AS band,
        count(*) AS aantal,
        clienten(coalesce(client, clientnr)) AS clienten
    FROM magazijn.hulpvraag
    WHERE jaar = 2020 OR jaar >= 2023
    GROUP BY jaar, CASE soort WHEN 'hulpvraag' THEN 1 ELSE 2 END
    UNION ALL
    SELECT
        jaar,
        3 AS band,
        CAST(sum(aantal) AS BIGINT) AS aantal,
        CAST(CASE WHEN sum(aantal) > 100 THEN 100 ELSE sum(aantal) END AS BIGINT) AS clienten
    FROM magazijn.kort_contact
    WHERE jaar <= 2020 OR jaar >= 2023
    GROUP BY jaar
),
-- Wat in 2020 liep, begon in 2020 of eerder. Het jaar (0: geen enkele datum) zegt in welke mappen dat
-- staat.
lopend AS (
    SELECT client, clientnr
    FROM magazijn.hulpvraag
    WHERE jaar >= 1 AND jaar <= 2020 AND (afsluitdatum IS NULL OR afsluitdatum >= DATE '2020-01-01')
),
-- Het BSN-pseudoniem bij een clientnummer: alleen van wie het hierboven mist, dat zijn er weinig.
bekend AS (
    SELECT clientnr, client
    FROM (
        SELECT
            clientnr,
            client,
            row_number() OVER (
                PARTITION BY clientnr ORDER BY laatste_melding DESC NULLS LAST, client
            ) AS volgorde
        FROM magazijn.client
        WHERE client IS NOT NULL AND clientnr IN (SELECT clientnr FROM lopend WHERE client IS NULL)
    ) AS gerangschikt
    WHERE volgorde = 1
),
personen AS (
    SELECT count(DISTINCT persoon) AS aantal
    FROM (
        SELECT client AS persoon
        FROM lopend
        WHERE client IS NOT NULL
        UNION ALL
        SELECT coalesce(b.client, l.clientnr) AS persoon
        FROM lopend AS l
        LEFT JOIN bekend AS b ON b.clientnr = l.clientnr
        WHERE l.client IS NULL
    ) AS lopende
),
-- Een rij van de monitor is een reeks banden: van en tot en met. Een rij zonder hulpvragen of contacten
-- staat er niet.
rijen AS (
    SELECT
        g.jaar,
        r.volgorde,
        r.rij AS soort,
        CAST(sum(g.aantal) AS BIGINT) AS aantal,
        r.van,
        r.tot,
        max(g.clienten) AS clienten
    FROM geteld AS g
    INNER JOIN (
        VALUES
            (1, 'hulpvraag', 1, 1, 0),
            (2, 'betrokkene', 2, 2, 0),
            (3, 'kort_contact', 3, 3, 0),
            (4, 'totaal', 1, 3, 2023)
    ) AS r (volgorde, rij, van, tot, sinds) ON g.band BETWEEN r.van AND r.tot AND g.jaar >= r.sinds
    GROUP BY g.jaar, r.volgorde, r.rij, r.van, r.tot
    UNION ALL
    SELECT
        2020 AS jaar,
        5 AS volgorde,
        'personen' AS soort,
        aantal,
        4 AS van,
        4 AS tot,
        CASE WHEN aantal > 100 THEN 100 ELSE aantal END AS clienten
    FROM personen
    WHERE aantal > 0
)
SELECT
    jaar,
    CASE WHEN jaar <= 2020 THEN '2020' ELSE '2023' END AS definitie,
    soort,
    aantal,
    volgorde,
    van,
    tot,
    clienten
FROM rijen
ORDER BY jaar, volgorde

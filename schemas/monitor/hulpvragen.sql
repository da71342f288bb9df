-- Hoeveel hulpvragen er in een jaar waren.
--
-- Definitie 2020 (jaarverslag over 2020): hulpvraag = nieuwe hulpvragen, naar het jaar van de
-- melding; personen = verschillende personen met een hulpvraag (ook als betrokkene) die in het jaar
-- liep; kort_contact = korte contacten. Het jaarverslag geeft ook de korte contacten van 2019.
-- Definitie 2023 (jaarverslag over 2023 en 2024): totaal = hulpvraag + betrokkene + kort_contact.
-- Voor 2021 en 2022 is geen definitie gepubliceerd; die jaren staan niet in de monitor.
--
-- Een persoon is een BSN-pseudoniem. Staat dat niet bij de hulpvraag, dan het BSN-pseudoniem dat
-- elders bij hetzelfde clientnummer staat, en anders het clientnummer. Zonder BSN en zonder
-- clientnummer is een persoon niet te tellen. Een hulpvraag loopt van de melding (onbekend: de
-- start, anders de afsluiting) tot en met de afsluiting.
--
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH hulpvraag AS (
    SELECT jaar, soort, count(*) AS aantal
    FROM magazijn.hulpvraag
    WHERE jaar = 2020 OR jaar >= 2023
    GROUP BY jaar, soort
),
kort AS (
    SELECT jaar, CAST(sum(aantal) AS BIGINT) AS aantal
    FROM magazijn.kort_contact
    WHERE jaar <= 2020 OR jaar >= 2023
    GROUP BY jaar
),
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
        WHERE client IS NOT NULL
    ) AS gerangschikt
    WHERE volgorde = 1
),
personen AS (
    SELECT count(DISTINCT coalesce(h.client, b.client, h.clientnr)) AS aantal
    FROM magazijn.hulpvraag AS h
    LEFT JOIN bekend AS b ON b.clientnr = h.clientnr
    WHERE coalesce(h.meldingsdatum, h.startdatum, h.afsluitdatum) <= DATE '2020-12-31'
        AND (h.afsluitdatum IS NULL OR h.afsluitdatum >= DATE '2020-01-01')
),
rijen AS (
    SELECT jaar, CASE soort WHEN 'hulpvraag' THEN 1 ELSE 2 END AS volgorde, soort, aantal
    FROM hulpvraag
    UNION ALL
    SELECT jaar, 3 AS volgorde, 'kort_contact' AS soort, aantal
    FROM kort
    UNION ALL
    SELECT jaar, 4 AS volgorde, 'totaal' AS soort, CAST(sum(aantal) AS BIGINT) AS aantal
    FROM (
        SELECT jaar, aantal FROM hulpvraag
        UNION ALL
        SELECT jaar, aantal FROM kort
    ) AS alles
    WHERE jaar >= 2023
    GROUP BY jaar
    UNION ALL
    SELECT 2020 AS jaar, 5 AS volgorde, 'personen' AS soort, aantal
    FROM personen
    WHERE aantal > 0
)
SELECT
    jaar,
    CASE WHEN jaar <= 2020 THEN '2020' ELSE '2023' END AS definitie,
    soort,
    aantal,
    volgorde
FROM rijen
ORDER BY jaar, volgorde

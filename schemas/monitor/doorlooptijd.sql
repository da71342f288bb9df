-- Hoe lang trajecten duurden: van de melding tot de afsluiting, in maanden.
--
-- Afgesloten hulpvragen (zonder betrokkenen) naar het jaar van de afsluiting. Een maand is een
-- kalendermaand: wie op 10 maart meldt, is op 10 september zes maanden verder. Heeft de laatste
-- maand die dag niet, dan geldt haar laatste dag: zes maanden na 31 augustus is 28 of 29 februari.
-- De grenzen: korter dan 2 maanden, korter dan 4, tot en met 6 (precies zes maanden is op tijd),
-- korter dan 9, korter dan 12, en de rest. De definities van 2020 en 2023 verschillen alleen in de
-- namen van de rijen. Ontbreekt de melding of ligt de afsluiting ervoor, dan is de doorlooptijd
-- onbekend; onbekend telt mee in het totaal. De norm is binnen 6 maanden (sinds 2023: 80 %).
-- Percentages zijn hele getallen, een half naar boven.
--
-- Bron: wot-casus. Sinds 2020; voor 2021 en 2022 is geen definitie gepubliceerd.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH afgesloten AS (
    SELECT
        CAST(date_part('year', afsluitdatum) AS BIGINT) AS jaar,
        CASE
            WHEN meldingsdatum IS NULL OR afsluitdatum < meldingsdatum THEN 7
            WHEN afsluitdatum < meldingsdatum + INTERVAL '2 months' THEN 1
            WHEN afsluitdatum < meldingsdatum + INTERVAL '4 months' THEN 2
            WHEN afsluitdatum <= meldingsdatum + INTERVAL '6 months' THEN 3
            WHEN afsluitdatum < meldingsdatum + INTERVAL '9 months' THEN 4
            WHEN afsluitdatum < meldingsdatum + INTERVAL '12 months' THEN 5
            ELSE 6
        END AS band,
        coalesce(client, clientnr) AS wie
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND afsluitdatum IS NOT NULL
),
geteld AS (
    SELECT
        jaar,
        CASE WHEN jaar = 2020 THEN '2020' ELSE '2023' END AS definitie,
        band,
        count(*) AS aantal,
        clienten(wie) AS clienten
    FROM afgesloten
    WHERE jaar = 2020 OR jaar >= 2023
    GROUP BY jaar, band
),
-- Een rij van de monitor is een reeks banden: van en tot en met.
rijen AS (
    SELECT
        g.jaar,
        g.definitie,
        r.volgorde,
        r.rij,
        r.van,
        r.tot,
        CAST(sum(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(g.aantal) AS BIGINT) AS totaal,
        max(CASE WHEN g.band BETWEEN r.van AND r.tot THEN g.clienten ELSE 0 END) AS clienten
    FROM geteld AS g
    INNER JOIN (
        VALUES
            ('2020', 1, '0-1 maand', 1, 1),
            ('2020', 2, '2-3 maanden', 2, 2),
            ('2020', 3, '4-6 maanden', 3, 3),
            ('2020', 4, '6-9 maanden', 4, 4),
            ('2020', 5, '9-12 maanden', 5, 5),
            ('2020', 6, '> 12 maanden', 6, 6),
            ('2020', 7, 'onbekend', 7, 7),
            ('2020', 8, 'binnen 6 maanden', 1, 3),
            ('2020', 9, 'totaal', 1, 7),
            ('2023', 1, '< 2 maanden', 1, 1),
            ('2023', 2, '2-4 maanden', 2, 2),
            ('2023', 3, '4-6 maanden', 3, 3),
            ('2023', 4, '6-9 maanden', 4, 4),
            ('2023', 5, '9-12 maanden', 5, 5),
            ('2023', 6, '12+ maanden', 6, 6),
            ('2023', 7, 'onbekend', 7, 7),
            ('2023', 8, 'binnen 6 maanden', 1, 3),
            ('2023', 9, 'totaal', 1, 7)
    ) AS r (definitie, volgorde, rij, van, tot) ON r.definitie = g.definitie
    GROUP BY g.jaar, g.definitie, r.volgorde, r.rij, r.van, r.tot
)
SELECT
    jaar,
    definitie,
    rij,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde,
    van,
    tot,
    totaal,
    clienten
FROM rijen
ORDER BY jaar, volgorde

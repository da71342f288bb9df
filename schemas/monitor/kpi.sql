-- Hoe het WOT het doet op de kpi's die met de gemeente zijn afgesproken.
--
-- Definitie 2023. Per kpi de norm van dat jaar, de realisatie en het oordeel: gehaald, niet gehaald, geen
-- norm (er is niets afgesproken), niet gemeten (het is een onderzoek om de zoveel jaar; de toelichting
-- zegt wanneer) of geen gegevens (de bron leverde niets). Van de kpi over hulpvragen per kwartaal bestaan twee
-- lezingen, want het jaarverslag zegt niet of korte contacten meetellen: alleen hulpvragen, en
-- hulpvragen met korte contacten. Beide zijn het jaar gedeeld door vier, naar beneden afgerond, zonder
-- betrokkenen. Percentages zijn die van de views wachttijd, doorlooptijd en afsluiting. Trainingen en
-- klachten gaan niet over cliënten; die getallen staan er altijd. Het oordeel vergelijkt de norm met de
-- realisatie zoals die er staat, dus na afronden.
--
-- Bronnen: kpi-normen, wot-casus, korte-contacten, trainingen, klachten. Elk jaar sinds 2023 waarvoor
-- normen zijn geleverd; een kpi die niet is afgesproken, staat er niet.
-- Sorteer op jaar en volgorde.
WITH banden AS (
    SELECT jaar, 'wachttijd binnen 4 weken' AS kpi, procent, clienten, totaal - aantal AS rest
    FROM monitor.wachttijd
    WHERE rij = 'binnen 4 weken'
    UNION ALL
    SELECT jaar, 'doorlooptijd binnen 6 maanden' AS kpi, procent, clienten, totaal - aantal AS rest
    FROM monitor.doorlooptijd
    WHERE rij = 'binnen 6 maanden'
    UNION ALL
    SELECT jaar, 'uitstroomdoelen gerealiseerd' AS kpi, procent, clienten, totaal - aantal AS rest
    FROM monitor.afsluiting
    WHERE rij = 'doelen gerealiseerd'
),
-- Een percentage verraadt ook hoe weinig er overblijven.
gemeten AS (
    SELECT
        jaar,
        kpi,
        'enige' AS lezing,
        procent AS realisatie,
        CASE WHEN rest > 0 AND rest < clienten THEN rest ELSE clienten END AS clienten
    FROM banden
    UNION ALL
    SELECT
        h.jaar,
        'hulpvragen per kwartaal' AS kpi,
        l.lezing,
        CAST(floor(CAST(sum(h.aantal) AS DOUBLE) / 4) AS BIGINT) AS realisatie,
        max(h.clienten) AS clienten
    FROM monitor.hulpvragen AS h
    INNER JOIN (
        VALUES
            ('hulpvraag', 'alleen hulpvragen'),
            ('hulpvraag', 'met korte contacten'),
            ('kort_contact', 'met korte contacten')
    ) AS l (soort, lezing) ON l.soort = h.soort
    GROUP BY h.jaar, l.lezing
    UNION ALL
    SELECT jaar, 'trainingsprogrammas' AS kpi, 'enige' AS lezing, programmas AS realisatie, 100 AS clienten
    FROM monitor.trainingen
    WHERE programma = 'totaal'
    UNION ALL
    SELECT jaar, 'klachten' AS kpi, 'enige' AS lezing, aantal AS realisatie, 100 AS clienten
    FROM monitor.klachten
    WHERE rij = 'totaal'
),
-- Welke kpi's er zijn, in de volgorde van het jaarverslag, en welke lezingen zij hebben.
lijst AS (
    SELECT volgorde, kpi, lezing
    FROM (
        VALUES
            (1, 'hulpvragen per kwartaal', 'alleen hulpvragen'),
            (2, 'hulpvragen per kwartaal', 'met korte contacten'),
            (3, 'wachttijd binnen 4 weken', 'enige'),
            (4, 'doorlooptijd binnen 6 maanden', 'enige'),
            (5, 'uitstroomdoelen gerealiseerd', 'enige'),
            (6, 'trainingsprogrammas', 'enige'),
            (7, 'doorverwijzing naar welzijn', 'enige'),
            (8, 'tevreden over toegankelijkheid', 'enige'),
            (9, 'tevreden over ondersteuning', 'enige'),
            (10, 'tevreden samenwerkingspartners', 'enige'),
            (11, 'klachten', 'enige')
    ) AS k (volgorde, kpi, lezing)
),
rijen AS (
    SELECT
        n.jaar,
        n.kpi,
        coalesce(l.lezing, 'enige') AS lezing,
        n.norm,
        n.richting,
        n.eenheid,
        n.meting,
        n.gemeten_in,
        n.volgende_meting,
        CASE WHEN n.meting = 'doorlopend' THEN g.realisatie END AS realisatie,
        coalesce(l.volgorde, 12) AS volgorde,
        -- Waar geen getal is, valt niets te verbergen.
        CASE WHEN n.meting = 'doorlopend' AND g.realisatie IS NOT NULL THEN g.clienten ELSE 100 END AS clienten
    FROM magazijn.kpi_norm AS n
    LEFT JOIN lijst AS l ON l.kpi = n.kpi
    LEFT JOIN gemeten AS g ON g.jaar = n.jaar AND g.kpi = n.kpi AND g.lezing = coalesce(l.lezing, 'enige')
    WHERE n.jaar >= 2023
)
SELECT
    jaar,
    '2023' AS definitie,
    kpi,
    lezing,
    norm,
    richting,
    eenheid,
    realisatie,
    CASE
        WHEN meting <> 'doorlopend' THEN 'niet gemeten'
        WHEN realisatie IS NULL THEN 'geen gegevens'
        WHEN norm IS NULL THEN 'geen norm'
        WHEN richting = 'meer dan' AND realisatie > norm THEN 'gehaald'
        WHEN richting = 'minstens' AND realisatie >= norm THEN 'gehaald'
        WHEN richting = 'hoogstens' AND realisatie <= norm THEN 'gehaald'
        ELSE 'niet gehaald'
    END AS oordeel,
    CASE
        WHEN meting = 'doorlopend' AND realisatie IS NULL THEN 'de bron leverde dit jaar niets'
        WHEN meting = 'doorlopend' THEN NULL
        WHEN gemeten_in IS NULL AND volgende_meting IS NULL THEN 'nog niet gemeten'
        WHEN gemeten_in IS NULL THEN 'meting in ' || CAST(volgende_meting AS VARCHAR)
        WHEN volgende_meting IS NULL THEN 'gemeten in ' || CAST(gemeten_in AS VARCHAR)
        ELSE 'gemeten in ' || CAST(gemeten_in AS VARCHAR) || ', volgende meting in '
            || CAST(volgende_meting AS VARCHAR)
    END AS toelichting,
    volgorde,
    clienten
FROM rijen
ORDER BY jaar, volgorde

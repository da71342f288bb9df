-- Elk cijfer dat de jaarverslagen afdrukken, naast het cijfer dat de monitor berekent.
--
-- Een rij is een afgedrukt cijfer van R2021 (over 2020) of R2025 (over 2023 en 2024). Berekend is het
-- cijfer uit de leveringen, met evenveel decimalen als afgedrukt, een half naar boven; verschil is
-- berekend min gepubliceerd. Het oordeel is uitgerekend en komt niet uit de noot:
-- gelijk: hetzelfde, of allebei leeg.
-- afronding: afgedrukt is het berekende cijfer, maar afgekapt in plaats van afgerond.
-- ocr: de afgedrukte percentages van de hele kolom kunnen samen geen 100 zijn, ook niet door afronden,
-- en met het berekende percentage in deze cel wel. Dan is deze cel verkeerd gedrukt of gelezen.
-- ontbreekt: er is niets om mee te vergelijken, want de bron leverde het niet.
-- afwijking: iets anders.
-- De normen van de kpi's worden vergeleken met wat er met de gemeente is afgesproken (kpi-normen). Een
-- berekend cijfer dat gelijk is aan wat al openbaar is, staat er altijd; een ander cijfer alleen als het
-- over genoeg cliënten gaat.
--
-- Bronnen: gepubliceerde-cijfers, en alle bronnen van de andere views. Elke rij heeft de definitie van
-- de view waar het berekende cijfer vandaan komt.
-- Sorteer op volgorde.
WITH tabellen AS (
    SELECT 'doorlooptijd' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, clienten
    FROM monitor.doorlooptijd
    UNION ALL
    SELECT 'wachttijd' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, clienten
    FROM monitor.wachttijd
    UNION ALL
    SELECT 'afsluiting' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, clienten
    FROM monitor.afsluiting
    UNION ALL
    SELECT 'leeftijd' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, clienten
    FROM monitor.leeftijd
    UNION ALL
    SELECT 'afhandeling' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, clienten
    FROM monitor.afhandeling
    UNION ALL
    SELECT 'substitutie' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, clienten
    FROM monitor.substitutie
    UNION ALL
    -- Twee tabellen in een: alleen hun eerste rij heeft een naam die maar een keer voorkomt.
    SELECT 'welzijn' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, clienten
    FROM monitor.welzijn
    WHERE tot = 1
    UNION ALL
    SELECT 'bevolking' AS tabel, jaar, definitie, rij AS cel, aantal, totaal, van, tot, 100 AS clienten
    FROM monitor.bevolking
    WHERE wijk = 'alle'
),
-- De som van andere rijen begint bij dezelfde band als een kortere rij.
banden AS (
    SELECT
        tabel,
        jaar,
        definitie,
        cel,
        aantal,
        totaal,
        clienten,
        tot = min(tot) OVER (PARTITION BY tabel, jaar, van) AS enkel
    FROM tabellen
),
hulpvragen AS (
    SELECT
        jaar,
        definitie,
        soort,
        aantal,
        clienten,
        lag(aantal) OVER (PARTITION BY soort ORDER BY jaar) AS vorig_aantal,
        lag(jaar) OVER (PARTITION BY soort ORDER BY jaar) AS vorig_jaar
    FROM monitor.hulpvragen
),
-- Elk berekend cijfer als breuk: teller en noemer.
berekend AS (
    SELECT
        b.tabel,
        b.jaar,
        b.definitie,
        b.cel,
        e.eenheid,
        e.keer * CAST(b.aantal AS DOUBLE) AS teller,
        CASE e.eenheid WHEN 'procent' THEN CAST(b.totaal AS DOUBLE) ELSE 1 END AS noemer,
        b.clienten,
        b.enkel,
        b.aantal,
        b.totaal
    FROM banden AS b
    CROSS JOIN (VALUES ('aantal', 1), ('procent', 100)) AS e (eenheid, keer)
    UNION ALL
    SELECT
        'hulpvragen' AS tabel,
        jaar,
        definitie,
        CASE soort WHEN 'hulpvraag' THEN 'hulpvragen' WHEN 'kort_contact' THEN 'korte_contacten' ELSE soort END
            AS cel,
        'aantal' AS eenheid,
        CAST(aantal AS DOUBLE) AS teller,
        1 AS noemer,
        clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM hulpvragen
    UNION ALL
    SELECT
        'hulpvragen' AS tabel,
        jaar,
        definitie,
        'groei ten opzichte van ' || CAST(vorig_jaar AS VARCHAR) AS cel,
        'procent' AS eenheid,
        100 * CAST(aantal - vorig_aantal AS DOUBLE) AS teller,
        CAST(vorig_aantal AS DOUBLE) AS noemer,
        clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM hulpvragen
    WHERE soort = 'totaal' AND vorig_jaar = jaar - 1
    UNION ALL
    SELECT
        'zelfredzaamheid' AS tabel,
        z.jaar,
        z.definitie,
        c.cel,
        c.eenheid,
        CASE c.nummer
            WHEN 1 THEN CAST(z.som_eerste AS DOUBLE)
            WHEN 2 THEN CAST(z.som_tweede AS DOUBLE)
            WHEN 3 THEN 100 * CAST(z.som_tweede - z.som_eerste AS DOUBLE)
            ELSE CAST(z.onder_drie AS DOUBLE)
        END AS teller,
        CASE c.nummer WHEN 3 THEN CAST(z.som_eerste AS DOUBLE) WHEN 4 THEN 1 ELSE CAST(z.paren AS DOUBLE) END
            AS noemer,
        z.clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM (
        SELECT
            jaar,
            definitie,
            CAST(sum(som_eerste) AS BIGINT) AS som_eerste,
            CAST(sum(som_tweede) AS BIGINT) AS som_tweede,
            CAST(sum(paren) AS BIGINT) AS paren,
            CAST(sum(CASE WHEN voldoende THEN 0 ELSE 1 END) AS BIGINT) AS onder_drie,
            min(clienten) AS clienten
        FROM monitor.zelfredzaamheid
        WHERE indeling = 'wijk' AND gebied = 'alle' AND leefgebied <> 'totaal'
        GROUP BY jaar, definitie
    ) AS z
    CROSS JOIN (
        VALUES
            (1, 'gemiddelde eerste meting', 'score'),
            (2, 'gemiddelde tweede meting', 'score'),
            (3, 'toename', 'procent'),
            (4, 'leefgebieden onder 3 na tweede meting', 'aantal')
    ) AS c (nummer, cel, eenheid)
    UNION ALL
    SELECT
        'doorverwijzing' AS tabel,
        jaar,
        definitie,
        rij AS cel,
        'rang' AS eenheid,
        CAST(rang AS DOUBLE) AS teller,
        1 AS noemer,
        clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM monitor.doorverwijzing
    UNION ALL
    SELECT
        project AS tabel,
        jaar,
        definitie,
        rij AS cel,
        CASE rij WHEN 'gemiddelde besparing' THEN 'euro' ELSE 'aantal' END AS eenheid,
        CAST(aantal AS DOUBLE) AS teller,
        1 AS noemer,
        clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM monitor.projecten
    WHERE soort = 'gemeten'
    UNION ALL
    -- Wat hieronder staat, gaat niet over cliënten.
    SELECT
        'klachten' AS tabel,
        jaar,
        definitie,
        rij AS cel,
        'aantal' AS eenheid,
        CAST(aantal AS DOUBLE) AS teller,
        1 AS noemer,
        100 AS clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM monitor.klachten
    UNION ALL
    SELECT
        'klantervaring' AS tabel,
        jaar,
        definitie,
        rij AS cel,
        'score' AS eenheid,
        CAST(som AS DOUBLE) AS teller,
        100 * CAST(onderdelen AS DOUBLE) AS noemer,
        100 AS clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM monitor.klantervaring
    WHERE instrument = 'onderzoek'
    UNION ALL
    SELECT
        CASE WHEN onderdeel IN ('professionals', 'fte') THEN 'personeel' ELSE 'personeel_' || onderdeel END AS tabel,
        jaar,
        definitie,
        CASE naam
            WHEN 'gebiedsmanager' THEN 'gebiedsmanagers'
            WHEN 'gezinsspecialist' THEN 'gezinsspecialisten'
            WHEN 'administratief-ondersteuner' THEN 'administratief ondersteuners'
            ELSE naam
        END AS cel,
        CASE onderdeel WHEN 'fte' THEN 'fte' ELSE 'aantal' END AS eenheid,
        CAST(honderdsten AS DOUBLE) AS teller,
        100 AS noemer,
        100 AS clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM monitor.personeel
    UNION ALL
    SELECT
        'kpi' AS tabel,
        jaar,
        '2023' AS definitie,
        kpi AS cel,
        'norm' AS eenheid,
        CAST(norm AS DOUBLE) AS teller,
        1 AS noemer,
        100 AS clienten,
        FALSE AS enkel,
        0 AS aantal,
        0 AS totaal
    FROM magazijn.kpi_norm
),
-- Alles in honderdsten. Stap is de kleinste eenheid die is afgedrukt.
naast AS (
    SELECT
        p.rapport,
        p.jaar,
        coalesce(b.definitie, CASE WHEN p.jaar <= 2020 THEN '2020' ELSE '2023' END) AS definitie,
        p.tabel,
        p.cel,
        p.eenheid,
        p.noot,
        CAST(p.cijfer AS DOUBLE) AS gedrukt,
        p.stap,
        p.stap * floor((200 * b.teller + p.stap * b.noemer) / (2 * p.stap * b.noemer)) AS afgerond,
        p.stap * trunc(100 * b.teller / (p.stap * b.noemer)) AS afgekapt,
        b.definitie IS NOT NULL AS bestaat,
        b.clienten,
        p.eenheid = 'procent' AND coalesce(b.enkel, FALSE) AS enkel,
        b.aantal,
        b.totaal
    FROM (
        SELECT
            rapport,
            jaar,
            tabel,
            cel,
            eenheid,
            noot,
            cijfer,
            CASE decimalen WHEN 0 THEN CAST(100 AS DOUBLE) WHEN 1 THEN 10 ELSE 1 END AS stap
        FROM magazijn.gepubliceerd_cijfer
    ) AS p
    LEFT JOIN berekend AS b
        ON b.jaar = p.jaar AND b.tabel = p.tabel AND b.cel = p.cel AND b.eenheid = p.eenheid AND b.noemer > 0
),
-- Bij elke cel haar kolom: wat er is afgedrukt, hoeveel afronden kan schelen, en of dat alles is.
kolom AS (
    SELECT
        rapport,
        jaar,
        definitie,
        tabel,
        cel,
        eenheid,
        noot,
        gedrukt,
        afgerond,
        afgekapt,
        bestaat,
        clienten,
        enkel,
        sum(CASE WHEN enkel THEN gedrukt END) OVER (PARTITION BY rapport, jaar, tabel) AS som,
        sum(CASE WHEN enkel THEN stap / 2 END) OVER (PARTITION BY rapport, jaar, tabel) AS speling,
        sum(CASE WHEN enkel THEN aantal END) OVER (PARTITION BY rapport, jaar, tabel) = totaal AS heel
    FROM naast
),
beoordeeld AS (
    SELECT
        rapport,
        jaar,
        definitie,
        tabel,
        cel,
        eenheid,
        noot,
        gedrukt,
        afgerond,
        CASE
            WHEN NOT bestaat THEN 'ontbreekt'
            WHEN gedrukt IS NULL AND afgerond IS NULL THEN 'gelijk'
            WHEN afgerond IS NULL THEN 'ontbreekt'
            WHEN gedrukt = afgerond THEN 'gelijk'
            WHEN gedrukt = afgekapt THEN 'afronding'
            WHEN enkel AND heel AND abs(som - 10000) >= speling
                AND abs(som - gedrukt + afgerond - 10000) < speling THEN 'ocr'
            ELSE 'afwijking'
        END AS oordeel,
        clienten
    FROM kolom
)
SELECT
    rapport,
    jaar,
    definitie,
    tabel,
    cel,
    eenheid,
    CAST(gedrukt / 100 AS DECIMAL(12, 2)) AS gepubliceerd,
    CAST(afgerond / 100 AS DECIMAL(12, 2)) AS berekend,
    CAST((afgerond - gedrukt) / 100 AS DECIMAL(12, 2)) AS verschil,
    oordeel,
    noot,
    row_number() OVER (ORDER BY rapport, jaar, tabel, eenheid, cel) AS volgorde,
    CASE WHEN oordeel IN ('gelijk', 'ontbreekt') THEN 100 ELSE coalesce(clienten, 0) END AS clienten
FROM beoordeeld
ORDER BY volgorde

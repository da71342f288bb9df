-- Hoeveel hulpvragen er per wijk waren, en per wijkondersteuningsteam, ook per 1 000 inwoners.
--
-- Hulpvragen (zonder betrokkenen) naar het jaar van de melding. De indeling "wijk" kijkt waar de cliënt
-- woont, de indeling "team" welk team hielp. Dat is niet hetzelfde: sinds 2023 mag een inwoner naar
-- het spreekuur van een andere wijk. In beide indelingen is het gebied "alle" heel Schiedam.
-- Procent is het deel van alle hulpvragen van het jaar, in hele getallen, een half naar boven.
-- Inwoners zijn die op 1 januari van dat jaar: definitie 2020 telt iedereen, definitie 2023 wie 18 jaar
-- of ouder is, want jeugd hoort sindsdien bij Mevis. Een team hoort bij de wijken die het in de tabel
-- van de wijken heeft. Per_1000 is het aantal hulpvragen per 1 000 inwoners, met één decimaal. Zijn de
-- inwoners van dat jaar niet geleverd, of woont de cliënt buiten Schiedam of op een onbekend adres,
-- dan is er geen aantal inwoners.
--
-- Bronnen: wot-casus, cbs-wijken, cbs-bevolking. Sinds 2020; voor 2021 en 2022 is geen definitie
-- gepubliceerd. De jaarverslagen tonen dit als grafiek zonder getallen.
-- Sorteer op jaar, indeling, volgorde en gebied.
WITH geteld AS (
    SELECT
        jaar,
        CASE WHEN team IS NULL THEN 'wijk' ELSE 'team' END AS indeling,
        coalesce(team, wijk) AS gebied,
        count(*) AS aantal,
        clienten(coalesce(client, clientnr)) AS clienten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND (jaar = 2020 OR jaar >= 2023)
    GROUP BY GROUPING SETS ((jaar, wijk), (jaar, team))
),
-- Elk gebied telt twee keer: als zichzelf en in alle.
met_alle AS (
    SELECT
        g.jaar,
        g.indeling,
        coalesce(m.gebied, g.gebied) AS gebied,
        CAST(sum(g.aantal) AS BIGINT) AS aantal,
        max(g.clienten) AS clienten
    FROM geteld AS g
    CROSS JOIN (VALUES (CAST(NULL AS VARCHAR)), ('alle')) AS m (gebied)
    GROUP BY g.jaar, g.indeling, coalesce(m.gebied, g.gebied)
),
bevolking AS (
    SELECT
        b.jaar,
        b.wijk,
        w.naam,
        w.team,
        CAST(sum(CASE WHEN b.jaar >= 2023 AND b.leeftijdsgroep = '0-17' THEN 0 ELSE b.aantal END) AS BIGINT)
            AS inwoners
    FROM magazijn.bevolking AS b
    INNER JOIN magazijn.wijk AS w ON w.slug = b.wijk
    GROUP BY b.jaar, b.wijk, w.naam, w.team
),
inwoners AS (
    SELECT
        b.jaar,
        m.indeling,
        CASE m.deel WHEN 'alle' THEN 'alle' WHEN 'wijk' THEN b.wijk ELSE b.team END AS gebied,
        CAST(sum(b.inwoners) AS BIGINT) AS inwoners
    FROM bevolking AS b
    CROSS JOIN (
        VALUES ('wijk', 'wijk'), ('wijk', 'alle'), ('team', 'team'), ('team', 'alle')
    ) AS m (indeling, deel)
    GROUP BY b.jaar, m.indeling, CASE m.deel WHEN 'alle' THEN 'alle' WHEN 'wijk' THEN b.wijk ELSE b.team END
),
-- Een wijk met inwoners en zonder hulpvragen staat er ook, met 0, in elk jaar dat er hulpvragen zijn.
rijen AS (
    SELECT jaar, indeling, gebied, aantal, clienten, CAST(NULL AS BIGINT) AS inwoners
    FROM met_alle
    UNION ALL
    SELECT jaar, indeling, gebied, 0 AS aantal, 0 AS clienten, inwoners
    FROM inwoners
    WHERE jaar = 2020 OR jaar >= 2023
),
samen AS (
    SELECT
        jaar,
        indeling,
        gebied,
        CAST(sum(aantal) AS BIGINT) AS aantal,
        max(clienten) AS clienten,
        max(inwoners) AS inwoners
    FROM rijen
    GROUP BY jaar, indeling, gebied
),
naast_totaal AS (
    SELECT
        jaar,
        indeling,
        gebied,
        aantal,
        clienten,
        inwoners,
        max(aantal) OVER (PARTITION BY jaar, indeling) AS totaal
    FROM samen
)
SELECT
    s.jaar,
    CASE WHEN s.jaar = 2020 THEN '2020' ELSE '2023' END AS definitie,
    s.indeling,
    s.gebied,
    coalesce(
        w.naam,
        CASE s.gebied
            WHEN 'alle' THEN 'Schiedam' WHEN 'buiten_schiedam' THEN 'buiten Schiedam' ELSE s.gebied
        END
    ) AS naam,
    s.aantal,
    CAST(floor((200 * CAST(s.aantal AS DOUBLE) + s.totaal) / (2 * CAST(s.totaal AS DOUBLE))) AS BIGINT) AS procent,
    s.inwoners,
    CASE
        WHEN s.inwoners > 0
            THEN CAST(
                floor((20000 * CAST(s.aantal AS DOUBLE) + s.inwoners) / (2 * CAST(s.inwoners AS DOUBLE))) / 10
                AS DECIMAL(12, 1)
            )
    END AS per_1000,
    CASE s.gebied WHEN 'alle' THEN 4 WHEN 'buiten_schiedam' THEN 3 WHEN 'onbekend' THEN 2 ELSE 1 END AS volgorde,
    s.clienten
FROM naast_totaal AS s
LEFT JOIN magazijn.wijk AS w ON s.indeling = 'wijk' AND w.slug = s.gebied
WHERE s.totaal > 0
ORDER BY s.jaar, s.indeling, volgorde, s.gebied

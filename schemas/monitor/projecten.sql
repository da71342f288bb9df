-- Wat projecten bereikten, en wat zij wilden bereiken.
--
-- Over 2020 noemt het jaarverslag alleen streefwaarden: die rijen hebben soort = streefwaarde en komen
-- uit de bron projecten-streefwaarde; aantal is er leeg. Is een streefwaarde een marge, dan is
-- streef_van het laagste getal en streef_tot het hoogste. Welke streefwaarde bij welk project hoort, is
-- een keuze bij het bouwen.
-- Rijen met soort = gemeten zijn geteld (definitie 2023). Huisuitzetting: huishoudens die in het jaar zijn
-- aangemeld voor hulp om een huisuitzetting te voorkomen, en hoe vaak de woning toch is ontruimd, met en
-- zonder kinderen in het huishouden. Maatwerk: de casussen van de doorbraakmethode in het jaar, en wat
-- een casus gemiddeld bespaarde (baten min lasten, in hele euro's; een theoretisch bedrag). Voor de
-- regel van de kleine aantallen is een huishouden of een casus een cliënt.
--
-- Bronnen: woonplus, doorbraaktool, projecten-streefwaarde. Gemeten sinds 2023.
-- Sorteer op jaar en volgorde.
WITH huishouden AS (
    SELECT
        jaar,
        contract,
        sum(CASE WHEN ontruimd AND kinderen THEN 1 ELSE 0 END) AS met,
        sum(CASE WHEN ontruimd AND NOT kinderen THEN 1 ELSE 0 END) AS zonder
    FROM magazijn.uitzetting
    WHERE jaar >= 2023
    GROUP BY jaar, contract
),
uitzetting AS (
    SELECT
        h.jaar,
        r.volgorde,
        r.rij,
        CAST(sum(CASE r.volgorde WHEN 3 THEN 1 WHEN 4 THEN h.met ELSE h.zonder END) AS BIGINT) AS aantal,
        CAST(
            sum(CASE r.volgorde WHEN 3 THEN 1 WHEN 4 THEN least(h.met, 1) ELSE least(h.zonder, 1) END) AS BIGINT
        ) AS clienten
    FROM huishouden AS h
    CROSS JOIN (
        VALUES (3, 'ondersteund'), (4, 'ontruimingen met kinderen'), (5, 'ontruimingen zonder kinderen')
    ) AS r (volgorde, rij)
    GROUP BY h.jaar, r.volgorde, r.rij
),
casussen AS (
    SELECT
        jaar,
        count(*) AS aantal,
        CAST(sum(besparing) AS DOUBLE) AS besparing,
        CAST(max(abs(besparing)) AS DOUBLE) AS grootste
    FROM magazijn.maatwerk
    WHERE jaar >= 2023
    GROUP BY jaar
),
maatwerk AS (
    SELECT
        c.jaar,
        r.volgorde,
        r.rij,
        CASE r.volgorde
            WHEN 1 THEN c.aantal
            ELSE CAST(floor((2 * c.besparing + 100 * c.aantal) / (200 * CAST(c.aantal AS DOUBLE))) AS BIGINT)
        END AS aantal,
        c.aantal AS clienten,
        -- Wat de grootste casus aan het gemiddelde bijdraagt; een telling heeft geen grootste.
        CASE r.volgorde
            WHEN 1 THEN 0 ELSE CAST(floor(c.grootste / (100 * CAST(c.aantal AS DOUBLE))) AS BIGINT)
        END AS grootste
    FROM casussen AS c
    CROSS JOIN (VALUES (1, 'casussen'), (2, 'gemiddelde besparing')) AS r (volgorde, rij)
)
SELECT
    jaar,
    '2023' AS definitie,
    'maatwerk' AS project,
    rij,
    'gemeten' AS soort,
    aantal,
    CAST(NULL AS BIGINT) AS streef_van,
    CAST(NULL AS BIGINT) AS streef_tot,
    volgorde,
    clienten,
    grootste
FROM maatwerk
UNION ALL
SELECT
    jaar,
    '2023' AS definitie,
    'huisuitzetting' AS project,
    rij,
    'gemeten' AS soort,
    aantal,
    CAST(NULL AS BIGINT) AS streef_van,
    CAST(NULL AS BIGINT) AS streef_tot,
    volgorde,
    clienten,
    0 AS grootste
FROM uitzetting
UNION ALL
SELECT
    jaar,
    '2020' AS definitie,
    project,
    'streefwaarde' AS rij,
    'streefwaarde' AS soort,
    CAST(NULL AS BIGINT) AS aantal,
    van AS streef_van,
    tot AS streef_tot,
    CASE project WHEN 'maatwerk' THEN 1 WHEN 'huisuitzetting' THEN 3 ELSE 6 END AS volgorde,
    -- Waar geen getal is, valt niets te verbergen.
    100 AS clienten,
    0 AS grootste
FROM magazijn.streefwaarde
ORDER BY jaar, volgorde

-- Wat projecten bereikten, en wat zij wilden bereiken.
--
-- Over 2020 noemt het jaarverslag alleen streefwaarden: die rijen hebben soort = streefwaarde en komen
-- uit de bron projecten-streefwaarde. Is een streefwaarde een marge, dan is aantal het laagste getal en
-- tot het hoogste. Welke streefwaarde bij welk project hoort, is een keuze bij het bouwen.
-- Rijen met soort = gemeten zijn geteld. Huisuitzetting: huishoudens die in het jaar zijn aangemeld
-- voor hulp om een huisuitzetting te voorkomen, en hoe vaak de woning toch is ontruimd, met en zonder
-- kinderen in het huishouden. Maatwerk: de casussen van de doorbraakmethode in het jaar, en wat een
-- casus gemiddeld bespaarde (baten min lasten, in hele euro's; een theoretisch bedrag).
--
-- Sorteer op jaar en volgorde.
WITH uitzetting AS (
    SELECT
        jaar,
        count(DISTINCT contract) AS ondersteund,
        CAST(sum(CASE WHEN ontruimd AND kinderen THEN 1 ELSE 0 END) AS BIGINT) AS met,
        CAST(sum(CASE WHEN ontruimd AND NOT kinderen THEN 1 ELSE 0 END) AS BIGINT) AS zonder
    FROM magazijn.uitzetting
    GROUP BY jaar
),
maatwerk AS (
    SELECT
        jaar,
        count(*) AS casussen,
        CAST(floor((2 * CAST(sum(besparing) AS DOUBLE) + 100 * count(*)) / (200 * CAST(count(*) AS DOUBLE))) AS BIGINT)
            AS besparing
    FROM magazijn.maatwerk
    GROUP BY jaar
),
gemeten AS (
    SELECT jaar, 'maatwerk' AS project, 'casussen' AS rij, casussen AS aantal, 1 AS volgorde
    FROM maatwerk
    UNION ALL
    SELECT jaar, 'maatwerk' AS project, 'gemiddelde besparing' AS rij, besparing AS aantal, 2 AS volgorde
    FROM maatwerk
    UNION ALL
    SELECT jaar, 'huisuitzetting' AS project, 'ondersteund' AS rij, ondersteund AS aantal, 3 AS volgorde
    FROM uitzetting
    UNION ALL
    SELECT jaar, 'huisuitzetting' AS project, 'ontruimingen met kinderen' AS rij, met AS aantal, 4 AS volgorde
    FROM uitzetting
    UNION ALL
    SELECT jaar, 'huisuitzetting' AS project, 'ontruimingen zonder kinderen' AS rij, zonder AS aantal, 5 AS volgorde
    FROM uitzetting
)
SELECT jaar, '2023' AS definitie, project, rij, 'gemeten' AS soort, aantal, CAST(NULL AS BIGINT) AS tot, volgorde
FROM gemeten
WHERE jaar >= 2023
UNION ALL
SELECT
    jaar,
    '2020' AS definitie,
    project,
    'streefwaarde' AS rij,
    'streefwaarde' AS soort,
    van AS aantal,
    tot,
    CASE project WHEN 'maatwerk' THEN 1 WHEN 'huisuitzetting' THEN 3 ELSE 6 END AS volgorde
FROM magazijn.streefwaarde
ORDER BY jaar, volgorde

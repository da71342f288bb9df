-- Hoe vaak een inwoner naar een welzijnsactiviteit ging: bij de melding en bij de afsluiting.
--
-- Definitie 2023. Aanmeldteam naar welzijnsactiviteit: hulpvragen (zonder betrokkenen) die het
-- aanmeldteam naar een welzijnsactiviteit verwees, van alle hulpvragen die in het jaar zijn gemeld.
-- Afgeschaald naar welzijnsactiviteit: trajecten die bij de afsluiting zijn afgeschaald, van alle
-- trajecten die in het jaar zijn afgesloten. Percentages zijn hele getallen, een half naar boven. Een
-- jaar waarover het WOT dit niet vastlegde, staat er niet.
--
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH rijen AS (
    SELECT
        jaar,
        1 AS volgorde,
        'aanmeldteam naar welzijnsactiviteit' AS rij,
        CAST(sum(CASE WHEN via_aanmeldteam THEN 1 ELSE 0 END) AS BIGINT) AS aantal,
        count(*) AS totaal,
        count(via_aanmeldteam) AS gemeten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND jaar >= 2023
    GROUP BY jaar
    UNION ALL
    SELECT
        CAST(date_part('year', afsluitdatum) AS BIGINT) AS jaar,
        2 AS volgorde,
        'afgeschaald naar welzijnsactiviteit' AS rij,
        CAST(sum(CASE WHEN afgeschaald THEN 1 ELSE 0 END) AS BIGINT) AS aantal,
        count(*) AS totaal,
        count(afgeschaald) AS gemeten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND date_part('year', afsluitdatum) >= 2023
    GROUP BY date_part('year', afsluitdatum)
)
SELECT
    jaar,
    '2023' AS definitie,
    rij,
    aantal,
    totaal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde
FROM rijen
WHERE gemeten > 0
ORDER BY jaar, volgorde

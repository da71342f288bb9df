-- Hoe vaak een inwoner naar een welzijnsactiviteit ging: bij de melding en bij de afsluiting.
--
-- Definitie 2023. Bij de melding: hulpvragen (zonder betrokkenen) die het aanmeldteam naar een
-- welzijnsactiviteit verwees, van alle hulpvragen die in het jaar zijn gemeld. Bij de afsluiting:
-- trajecten die bij de afsluiting zijn afgeschaald naar een welzijnsactiviteit, van alle trajecten die in
-- het jaar zijn afgesloten. Percentages zijn hele getallen, een half naar boven. Een jaar waarover het
-- WOT dit niet vastlegde, staat er niet.
--
-- Bron: wot-casus. Sinds 2023.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH gemeld AS (
    SELECT
        jaar,
        via_aanmeldteam AS welzijn,
        count(*) AS aantal,
        clienten(coalesce(client, clientnr)) AS clienten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND jaar >= 2023
    GROUP BY jaar, via_aanmeldteam
),
afgesloten AS (
    SELECT
        date_part('year', afsluitdatum) AS jaar,
        afgeschaald AS welzijn,
        count(*) AS aantal,
        clienten(coalesce(client, clientnr)) AS clienten
    FROM magazijn.hulpvraag
    WHERE soort = 'hulpvraag' AND afsluitdatum >= DATE '2023-01-01'
    GROUP BY date_part('year', afsluitdatum), afgeschaald
),
geteld AS (
    SELECT jaar, 'bij de melding' AS moment, welzijn, aantal, clienten
    FROM gemeld
    UNION ALL
    SELECT CAST(jaar AS BIGINT) AS jaar, 'bij de afsluiting' AS moment, welzijn, aantal, clienten
    FROM afgesloten
),
banden AS (
    SELECT
        jaar,
        moment,
        CASE WHEN welzijn THEN 1 ELSE 2 END AS band,
        CAST(sum(aantal) AS BIGINT) AS aantal,
        max(clienten) AS clienten,
        max(CASE WHEN welzijn IS NULL THEN 0 ELSE 1 END) AS gemeten
    FROM geteld
    GROUP BY jaar, moment, CASE WHEN welzijn THEN 1 ELSE 2 END
),
-- Een rij van de monitor is een reeks banden: van en tot en met.
rijen AS (
    SELECT
        b.jaar,
        b.moment,
        r.volgorde,
        r.rij,
        r.van,
        r.tot,
        CAST(sum(CASE WHEN b.band BETWEEN r.van AND r.tot THEN b.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(b.aantal) AS BIGINT) AS totaal,
        max(CASE WHEN b.band BETWEEN r.van AND r.tot THEN b.clienten ELSE 0 END) AS clienten,
        max(b.gemeten) AS gemeten
    FROM banden AS b
    INNER JOIN (
        VALUES
            ('bij de melding', 1, 'aanmeldteam naar welzijnsactiviteit', 1, 1),
            ('bij de melding', 2, 'niet of onbekend', 2, 2),
            ('bij de melding', 3, 'totaal', 1, 2),
            ('bij de afsluiting', 4, 'afgeschaald naar welzijnsactiviteit', 1, 1),
            ('bij de afsluiting', 5, 'niet of onbekend', 2, 2),
            ('bij de afsluiting', 6, 'totaal', 1, 2)
    ) AS r (moment, volgorde, rij, van, tot) ON r.moment = b.moment
    GROUP BY b.jaar, b.moment, r.volgorde, r.rij, r.van, r.tot
)
SELECT
    jaar,
    '2023' AS definitie,
    moment,
    rij,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde,
    van,
    tot,
    totaal,
    clienten
FROM rijen
WHERE gemeten > 0
ORDER BY jaar, volgorde

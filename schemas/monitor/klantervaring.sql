-- Wat cliënten van het WOT vinden: rapportcijfers uit het onderzoek en smileykaartjes.
--
-- Definitie 2020: het rapportcijfer per onderdeel van het onderzoek, en het gemiddelde van de
-- onderdelen; elk onderdeel telt even zwaar. De norm is 7,5. Cijfers hebben één decimaal, een half gaat
-- naar boven, en het gemiddelde is berekend uit de niet-afgeronde cijfers. Aantal is het aantal mensen
-- dat een onderdeel beoordeelde. Sinds 2023 is de norm dat 80 % tevreden is, eens in de twee jaar te
-- meten; die metingen zijn niet geleverd.
-- Smileykaartjes zijn kaartjes die iemand op een locatie inlevert: aantallen, en hun deel van alle
-- kaartjes van dat jaar in hele procenten, een half naar boven. Zij zeggen iets over de kaartjes en
-- niet over alle cliënten.
--
-- Bron: klantervaring. Elk jaar dat is geleverd.
-- Sorteer op jaar, volgorde en rij.
WITH onderzoek AS (
    SELECT jaar, onderdeel, cijfer, aantal
    FROM magazijn.klantervaring
    WHERE instrument = 'onderzoek' AND cijfer IS NOT NULL
),
cijfers AS (
    SELECT
        jaar,
        coalesce(onderdeel, 'onbekend') AS rij,
        CAST(sum(aantal) AS BIGINT) AS aantal,
        sum(cijfer) AS som,
        count(*) AS onderdelen,
        1 AS volgorde
    FROM onderzoek
    GROUP BY jaar, coalesce(onderdeel, 'onbekend')
    UNION ALL
    SELECT
        jaar,
        'gemiddeld rapportcijfer' AS rij,
        CAST(NULL AS BIGINT) AS aantal,
        sum(cijfer) AS som,
        count(*) AS onderdelen,
        2 AS volgorde
    FROM onderzoek
    GROUP BY jaar
),
kaartjes AS (
    SELECT
        k.jaar,
        r.volgorde,
        r.rij,
        CAST(sum(CASE WHEN r.smiley IN (k.smiley, 'alle') THEN k.aantal ELSE 0 END) AS BIGINT) AS aantal,
        CAST(sum(k.aantal) AS BIGINT) AS totaal
    FROM magazijn.klantervaring AS k
    CROSS JOIN (
        VALUES
            (3, 'blij', 'blij'),
            (4, 'neutraal', 'neutraal'),
            (5, 'ontevreden', 'ontevreden'),
            (6, 'alle kaartjes', 'alle')
    ) AS r (volgorde, rij, smiley)
    WHERE k.instrument = 'smileykaartje' AND k.smiley IS NOT NULL
    GROUP BY k.jaar, r.volgorde, r.rij
)
SELECT
    jaar,
    '2020' AS definitie,
    'onderzoek' AS instrument,
    rij,
    aantal,
    CAST(
        floor((CAST(som AS DOUBLE) + 5 * onderdelen) / (10 * CAST(onderdelen AS DOUBLE))) / 10
        AS DECIMAL(3, 1)
    ) AS cijfer,
    CAST(NULL AS BIGINT) AS procent,
    volgorde,
    CAST(som AS BIGINT) AS som,
    onderdelen
FROM cijfers
UNION ALL
SELECT
    jaar,
    '2023' AS definitie,
    'smileykaartje' AS instrument,
    rij,
    aantal,
    CAST(NULL AS DECIMAL(3, 1)) AS cijfer,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde,
    CAST(NULL AS BIGINT) AS som,
    CAST(NULL AS BIGINT) AS onderdelen
FROM kaartjes
WHERE totaal > 0
ORDER BY jaar, volgorde, rij

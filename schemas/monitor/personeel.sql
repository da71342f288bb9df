-- Hoeveel mensen er in de wijkondersteuningsteams werken, en voor hoeveel fte.
--
-- Onderdeel professionals telt mensen en fte telt hele fte (een half gaat naar boven). Onderdeel
-- organisatie telt mensen naar de organisatie waar zij in dienst zijn, team naar het team (wie in twee
-- teams werkt, telt in beide), en overig naar functie, voor wie in geen team werkt. De definities van
-- 2020 en 2023 zijn dezelfde.
--
-- Bron: personeel. Elk jaar dat is geleverd.
-- Sorteer op jaar en volgorde om de rijen in de volgorde van het jaarverslag te zien.
WITH rijen AS (
    SELECT
        jaar,
        1 AS volgorde,
        'professionals' AS onderdeel,
        'professionals' AS naam,
        100 * count(DISTINCT medewerker) AS honderdsten
    FROM magazijn.personeel
    GROUP BY jaar
    UNION ALL
    SELECT
        jaar,
        2 AS volgorde,
        'fte' AS onderdeel,
        'fte' AS naam,
        CAST(sum(fte) AS BIGINT) AS honderdsten
    FROM magazijn.personeel
    GROUP BY jaar
    UNION ALL
    SELECT
        jaar,
        3 AS volgorde,
        'organisatie' AS onderdeel,
        organisatie AS naam,
        100 * count(DISTINCT medewerker) AS honderdsten
    FROM magazijn.personeel
    WHERE organisatie IS NOT NULL
    GROUP BY jaar, organisatie
    UNION ALL
    SELECT
        jaar,
        4 AS volgorde,
        'team' AS onderdeel,
        team AS naam,
        100 * count(DISTINCT medewerker) AS honderdsten
    FROM magazijn.personeel
    WHERE team IS NOT NULL
    GROUP BY jaar, team
    UNION ALL
    SELECT
        jaar,
        5 AS volgorde,
        'overig' AS onderdeel,
        functie AS naam,
        100 * count(DISTINCT medewerker) AS honderdsten
    FROM magazijn.personeel
    WHERE team IS NULL
    GROUP BY jaar, functie
)
SELECT
    jaar,
    CASE WHEN jaar <= 2020 THEN '2020' ELSE '2023' END AS definitie,
    onderdeel,
    naam,
    CAST(floor((CAST(honderdsten AS DOUBLE) + 50) / 100) AS BIGINT) AS aantal,
    volgorde,
    honderdsten
FROM rijen
ORDER BY jaar, volgorde, naam

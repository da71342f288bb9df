-- Een rij per medewerker en team.
SELECT
    jaar,
    medewerker,
    organisatie,
    team,
    functie,
    fte
FROM levering

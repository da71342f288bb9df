-- Een rij per programma en jaar, zoals geleverd.
SELECT jaar, programma, deelnemers
FROM levering

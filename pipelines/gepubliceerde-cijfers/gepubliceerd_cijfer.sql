-- Een rij per afgedrukt cijfer, zoals geleverd.
SELECT jaar, rapport, tabel, cel, eenheid, cijfer, decimalen, noot
FROM levering

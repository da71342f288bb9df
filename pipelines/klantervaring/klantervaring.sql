-- Een rij per uitkomst, zoals geleverd.
SELECT jaar, instrument, onderdeel, locatie, cijfer, smiley, aantal
FROM levering

-- Een rij per kpi en jaar, zoals geleverd.
SELECT jaar, kpi, norm, richting, eenheid, meting, gemeten_in, volgende_meting
FROM levering

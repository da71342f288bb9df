-- Een rij per project en jaar, zoals geleverd.
SELECT jaar, project, van, tot
FROM levering

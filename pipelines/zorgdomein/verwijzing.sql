-- Een rij per verwijzing; wat ingetrokken is, verdwijnt.
SELECT
    CAST(date_part('year', datum) AS BIGINT) AS jaar,
    'onbekend' AS wijk,
    verwijzing,
    client,
    coalesce(leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    datum,
    praktijk,
    doel,
    status,
    status = 'ingetrokken' AS _verwijderd
FROM levering

-- Een rij per aanmelding; wat vervallen is, verdwijnt. De onderwerpen staan op volgorde van het
-- contract, met een komma ertussen.
SELECT
    CAST(date_part('year', ontvangen_op) AS BIGINT) AS jaar,
    'onbekend' AS wijk,
    melding,
    client,
    ontvangen_op AS datum,
    kanaal,
    triage,
    doorgezet_naar,
    nullif(array_to_string(onderwerpen, ', '), '') AS onderwerpen,
    status,
    status = 'vervallen' AS _verwijderd
FROM levering

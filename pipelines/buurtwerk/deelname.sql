-- Een rij per deelname. De wijk volgt uit de vier cijfers van de postcode waar die in één wijk liggen;
-- anders is zij onbekend.
SELECT
    CAST(date_part('year', levering.startdatum) AS BIGINT) AS jaar,
    coalesce(postcode.wijk, 'onbekend') AS wijk,
    'buurtwerk' AS bron,
    levering.deelnemer AS deelnemer,
    coalesce(levering.leeftijdsgroep, 'onbekend') AS leeftijdsgroep,
    levering.pc4 AS pc4,
    levering.activiteit AS activiteit,
    levering.startdatum AS startdatum,
    levering.einddatum AS einddatum,
    levering.via_makelaar AS via_makelaar
FROM levering
LEFT JOIN magazijn.postcode AS postcode ON postcode.postcode = levering.pc4
-- Een join bewaart de volgorde niet; met deze volgorde geeft dezelfde levering steeds hetzelfde bestand.
ORDER BY startdatum, deelnemer, activiteit, einddatum, via_makelaar, leeftijdsgroep, pc4

-- Een rij per huishouden en jaar van de aanmelding. Het adres komt niet voorbij de sluis, dus een wijk is
-- er niet.
SELECT
    CAST(date_part('year', datum_aanmelding) AS BIGINT) AS jaar,
    contract,
    datum_aanmelding,
    traject,
    kinderen,
    ontruimd,
    datum_ontruiming
FROM levering

-- Postcodes met de slug van hun wijk. Een code die geen wijk van Schiedam is, valt af.
SELECT levering.postcode AS postcode, wijk.slug AS wijk
FROM levering
INNER JOIN magazijn.wijk AS wijk ON wijk.code = levering.code

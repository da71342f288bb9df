-- Hoeveel korte contacten er waren: per maand, per team en per onderwerp.
--
-- Een kort contact is een vraag die meteen is beantwoord; er komt geen hulpvraag van. De bron levert
-- alleen aantallen en weet niet van wie zij zijn. De indeling zegt waarnaar is gesplitst: naar maand
-- (01 tot en met 12), naar team of naar onderwerp; wat niet is ingevuld telt als onbekend. In elke
-- indeling is de rij "alle" het hele jaar. Procent is het deel van het hele jaar, in hele getallen,
-- een half naar boven.
--
-- Bron: korte-contacten. Sinds 2019 (definitie 2020); voor 2021 en 2022 is geen definitie gepubliceerd.
-- De jaarverslagen drukken alleen het totaal van een jaar af.
-- Sorteer op jaar, indeling, volgorde en rij.
WITH geteld AS (
    SELECT
        jaar,
        CAST(date_part('month', datum) AS BIGINT) AS maand,
        team,
        onderwerp,
        CAST(sum(aantal) AS BIGINT) AS aantal
    FROM magazijn.kort_contact
    WHERE jaar <= 2020 OR jaar >= 2023
    GROUP BY jaar, date_part('month', datum), team, onderwerp
),
gesplitst AS (
    SELECT
        g.jaar,
        i.indeling,
        CASE i.deel
            WHEN 'maand' THEN lpad(CAST(g.maand AS VARCHAR), 2, '0')
            WHEN 'team' THEN g.team
            WHEN 'onderwerp' THEN g.onderwerp
            ELSE 'alle'
        END AS rij,
        CASE i.deel WHEN 'alle' THEN 3 ELSE 1 END AS volgorde,
        g.aantal
    FROM geteld AS g
    CROSS JOIN (
        VALUES
            ('maand', 'maand'),
            ('maand', 'alle'),
            ('team', 'team'),
            ('team', 'alle'),
            ('onderwerp', 'onderwerp'),
            ('onderwerp', 'alle')
    ) AS i (indeling, deel)
),
samen AS (
    SELECT
        jaar,
        indeling,
        rij,
        CAST(sum(aantal) AS BIGINT) AS aantal,
        CASE WHEN rij = 'onbekend' THEN 2 ELSE volgorde END AS volgorde
    FROM gesplitst
    GROUP BY jaar, indeling, rij, CASE WHEN rij = 'onbekend' THEN 2 ELSE volgorde END
),
naast_totaal AS (
    SELECT jaar, indeling, rij, aantal, volgorde, max(aantal) OVER (PARTITION BY jaar, indeling) AS totaal
    FROM samen
)
SELECT
    jaar,
    CASE WHEN jaar <= 2020 THEN '2020' ELSE '2023' END AS definitie,
    indeling,
    rij,
    aantal,
    CAST(floor((200 * CAST(aantal AS DOUBLE) + totaal) / (2 * CAST(totaal AS DOUBLE))) AS BIGINT) AS procent,
    volgorde
FROM naast_totaal
WHERE totaal > 0
ORDER BY jaar, indeling, volgorde, rij

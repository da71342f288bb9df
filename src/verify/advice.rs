//! What a reader of the report needs besides the verdict of a check: why it is asked, what to do when it
//! fails, and how it can be judged when it was not. In plain Dutch, by the id of the check; a check that
//! has no words of its own gets those of its group, which is the first part of its id.

/// Words for the reader of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Why it matters to the people whom the data is about.
    pub matters: &'static str,
    /// What to do when something was found, step by step.
    pub remedy: &'static [&'static str],
    /// How to have it judged when it was not.
    pub judge: &'static str,
    /// How to read the chances in it, and what it cannot see; may be empty.
    pub power: &'static str,
}

/// A group of checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The first part of the ids.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What it asks, in a sentence.
    pub asks: &'static str,
}

/// The group that a check belongs to.
#[must_use]
pub fn group(id: &str) -> Group {
    let name = id.split('-').next().unwrap_or_default();
    let (title, asks) = match name {
        "inhoud" => (
            "Inhoud van de bestanden",
            "Staat er ergens iets dat rechtstreeks naar een mens wijst?",
        ),
        "sterkte" => (
            "Sterkte",
            "Zijn de pseudoniemen zo gemaakt dat niemand ze kan terugrekenen?",
        ),
        "kanaries" => (
            "Kanaries",
            "Sluis stopt verzonnen mensen in elke run. Komen zij er onherkenbaar uit?",
        ),
        "dekking" => (
            "Dekking",
            "Is wat er ligt precies wat het register en de contracten zeggen, en kan niemand anders erbij?",
        ),
        "risico" => (
            "Risico",
            "Is iemand te herkennen aan wat er zonder naam en nummer overblijft?",
        ),
        "" => ("Overig", OTHER_QUESTIONS),
        other => return named(other),
    };
    Group {
        id: name.to_owned(),
        title: title.to_owned(),
        asks,
    }
}

const OTHER_QUESTIONS: &str = "Overige controles.";

/// A group that this program does not know by name.
fn named(name: &str) -> Group {
    let mut letters = name.chars();
    let first = letters.next().map(char::to_uppercase);
    Group {
        id: name.to_owned(),
        title: first.into_iter().flatten().chain(letters).collect(),
        asks: OTHER_QUESTIONS,
    }
}

/// The words for a check.
#[must_use]
pub fn advice(id: &str) -> Advice {
    of_content(id)
        .or_else(|| of_strength(id))
        .or_else(|| of_canaries(id))
        .or_else(|| of_coverage(id))
        .or_else(|| of_risk(id))
        .unwrap_or_else(|| of_group(id))
}

const LEAK: &[&str] = &[
    "Laat niemand meer in het magazijn tot dit is uitgezocht.",
    "Laat de beheerder bij elke genoemde plaats nagaan waar het gegeven vandaan komt: uit een veld van een levering, \
     of uit een bestand dat iemand er neerzette. Dat bestand moet weg.",
    "Komt het uit een levering? Laat dat veld in contract en register wegvallen of een pseudoniem worden, en draai \
     sluis opnieuw.",
    "Laat ook de oudere releases met dit gegeven verwijderen. In de lijst met plaatsen staat welke dat zijn.",
    "Beoordeel of dit een datalek is. Melden moet binnen 72 uur nadat u het weet (AVG, artikel 33).",
];

const BY_CROWD: &str = "Veel getallen lijken bij toeval op zo’n gegeven. Daarom telt niet één waarde, maar de hele kolom. De kans \
     in de tabel zegt hoe vaak zo’n aantal bij toeval voorkomt. De keerzijde: enkele echte waarden tussen heel \
     veel gewone getallen vallen niet op.";

const BY_FORM: &str = "Deze vorm komt bij toeval bijna nooit voor. Eén waarde is daarom meestal al genoeg voor een fout.";

const ALWAYS: &str = "Deze controle wordt altijd gedaan. Kon dat niet, dan staat hierboven waarom. Los dat op en doe de \
     controle opnieuw.";

const fn content(matters: &'static str, power: &'static str) -> Advice {
    Advice {
        matters,
        remedy: LEAK,
        judge: ALWAYS,
        power,
    }
}

fn of_content(id: &str) -> Option<Advice> {
    Some(match id {
        "inhoud-bsn" => content(
            "Met een burgerservicenummer is iedereen meteen bekend. Het mag nergens in het magazijn staan.",
            BY_CROWD,
        ),
        "inhoud-iban" => content("Een rekeningnummer wijst één persoon aan.", BY_FORM),
        "inhoud-email" => content(
            "Een e-mailadres is van één persoon en noemt vaak de naam.",
            BY_FORM,
        ),
        "inhoud-telefoon" => content("Een telefoonnummer wijst één persoon aan.", BY_CROWD),
        "inhoud-adres" => content(
            "Een postcode met huisnummer wijst één woning aan, en vaak één persoon.",
            BY_FORM,
        ),
        "inhoud-geboortedatum" => content(
            "Een geboortedatum wijst samen met een wijk vaak één persoon aan. In het magazijn horen alleen leeftijdsgroepen.",
            BY_CROWD,
        ),
        "inhoud-naam" => content(
            "Een naam wijst een persoon aan.",
            "Gezocht is met lijsten van voornamen en achternamen. Een naam die op geen lijst staat, wordt niet \
             gevonden. Met --first-names en --surnames zijn eigen lijsten toe te voegen.",
        ),
        "inhoud-sporen" => Advice {
            matters: "Een bestand kan kleinste en grootste waarden of een zoekfilter bevatten. Daarmee is na te gaan \
                      of iemand erin voorkomt zonder de rijen te lezen.",
            remedy: &[
                "Laat de beheerder nagaan welk programma dit bestand schreef: sluis zelf schrijft deze sporen niet.",
                "Laat de bron opnieuw verwerken, zodat sluis het bestand opnieuw schrijft.",
            ],
            judge: ALWAYS,
            power: "",
        },
        "inhoud-leesbaar" => Advice {
            matters: "Over een bestand dat niet te lezen is, zegt dit verslag niets.",
            remedy: &[
                "Voer de controle uit als de gebruiker die sluis draait; een ander mag de bestanden niet lezen.",
                "Is het bestand beschadigd? Laat de release dan opnieuw maken uit de leveringen, of zet een goede kopie terug.",
            ],
            judge: ALWAYS,
            power: "",
        },
        _ => return None,
    })
}

const NEW_KEY: &[&str] = &[
    "Ga ervan uit dat de personen achter deze pseudoniemen bekend kunnen zijn. Sluit het magazijn af.",
    "Laat een nieuwe sleutel maken (sluis key new) en alle leveringen opnieuw verwerken.",
    "Laat de oude releases verwijderen.",
    "Beoordeel of dit een datalek is. Melden moet binnen 72 uur nadat u het weet (AVG, artikel 33).",
];

const ASK_ATTACK: &str = "Deze controle kost veel rekentijd en wordt alleen gedaan als u erom vraagt: sluis verify --attack. Reken op \
     vijf minuten op twee kernen, en bij miljoenen pseudoniemen enkele keren zo lang.";

fn of_strength(id: &str) -> Option<Advice> {
    Some(match id {
        "sterkte-vorm" => Advice {
            matters: "Een pseudoniem dat korter is, is makkelijker te raden en kan van twee personen tegelijk zijn.",
            remedy: &[
                "Laat de beheerder nagaan of de kolom wel door sluis is gemaakt, en laat de bron opnieuw verwerken.",
            ],
            judge: ALWAYS,
            power: "",
        },
        "sterkte-toeval" => Advice {
            matters: "Als aan pseudoniemen een volgorde, teller of tijd te zien is, vertellen zij iets over de persoon.",
            remedy: &[
                "Deze pseudoniemen zijn niet gemaakt zoals het hoort. Laat de kolom uit de contracten halen tot dit is uitgezocht.",
                "Meld het aan de makers van sluis: dit hoort niet te kunnen.",
            ],
            judge: ALWAYS,
            power: "De waarden van elke kolom zijn vergeleken met echt toeval. Een fout is zo zeldzaam dat zij bij \
                    goede pseudoniemen hooguit één op de miljard keer voorkomt.",
        },
        "sterkte-domeinen" => Advice {
            matters: "Wie in twee domeinen hetzelfde pseudoniem ziet, kan gegevens van één persoon bij elkaar leggen. \
                      Dat is juist niet toegestaan.",
            remedy: &[
                "Laat nagaan of twee bronnen in hetzelfde domein horen. Zo ja, pas contract en register samen aan.",
                "Zo nee: laat de bronnen opnieuw verwerken en meld het aan de makers van sluis.",
            ],
            judge: "Hiervoor zijn twee domeinen met pseudoniemen nodig.",
            power: "",
        },
        "sterkte-frequentie" => Advice {
            matters: "Wie telt hoe vaak een pseudoniem voorkomt, kan in twee domeinen dezelfde persoon zoeken zonder de \
                      pseudoniemen te kennen.",
            remedy: &[
                "Kijk om welke twee domeinen het gaat, en of iemand de rijen van beide mag zien.",
                "Laat de gegevens grover maken, of een van de bronnen weglaten. Leg de keuze vast in de DPIA.",
            ],
            judge: "Hiervoor zijn twee domeinen met genoeg personen nodig.",
            power: "",
        },
        "sterkte-zonder-sleutel" => Advice {
            matters: "Er zijn maar 91 miljoen burgerservicenummers. Een pseudoniem dat zonder sleutel is gemaakt, is \
                      in seconden terug te rekenen.",
            remedy: NEW_KEY,
            judge: ASK_ATTACK,
            power: "Alle 91 miljoen nummers zijn geprobeerd, in de gebruikelijke schrijfwijzen en met de gebruikelijke \
                    functies. Staat er niets, dan is geen enkel onderzocht pseudoniem zo gemaakt.",
        },
        "sterkte-zwakke-sleutel" => Advice {
            matters: "Met een sleutel die te raden is, zoals een woord uit een handleiding, is elk pseudoniem terug te rekenen.",
            remedy: NEW_KEY,
            judge: ASK_ATTACK,
            power: "Een zwakke sleutel verraadt zich alleen aan personen van wie het nummer bekend is: verzonnen \
                    proefpersonen.",
        },
        _ => return None,
    })
}

fn of_canaries(id: &str) -> Option<Advice> {
    const JUDGE: &str = "Hiervoor zijn kanaries nodig: laat de beheerder sluis canaries new doen, en sluis daarna een nacht draaien. \
                         Voor een ander magazijn: noem het bestand met --canaries.";
    Some(match id {
        "kanaries-gevonden" => Advice {
            matters: "Van een verzonnen persoon is bekend welk pseudoniem waar hoort te staan. Ontbreekt het, dan klopt de \
                      verwerking niet, of is het bestand met kanaries niet van dit magazijn.",
            remedy: &[
                "Vraag of het bestand met kanaries bij dit magazijn hoort.",
                "Laat de beheerder nagaan bij welke bron een kanarie ontbreekt, en die bron opnieuw verwerken.",
            ],
            judge: JUDGE,
            power: "",
        },
        "kanaries-verborgen" => Advice {
            matters: "Staat een verzonnen naam of nummer ergens leesbaar, dan staan die van echte mensen er waarschijnlijk ook.",
            remedy: LEAK,
            judge: JUDGE,
            power: "Van een kanarie zijn alle gegevens precies bekend. Eén vondst is daarom genoeg.",
        },
        _ => return None,
    })
}

fn of_coverage(id: &str) -> Option<Advice> {
    let always = |matters, remedy| Advice {
        matters,
        remedy,
        judge: ALWAYS,
        power: "",
    };
    Some(match id {
        "dekking-bestanden" => always(
            "Een bestand dat niet in de release staat, is door niemand beoordeeld en valt buiten elke bewaartermijn.",
            &[
                "Laat de beheerder nagaan wie het bestand daar zette, en het weghalen als het er niet hoort.",
                "Ontbreekt er een bestand? Laat de release opnieuw maken, of zet een kopie terug.",
            ],
        ),
        "dekking-ongewijzigd" => always(
            "Een bestand dat na de release is veranderd, is niet meer wat sluis heeft gemaakt en gecontroleerd.",
            &[
                "Laat nagaan wie of wat het bestand veranderde. Bewaar het als bewijs.",
                "Laat de bron opnieuw verwerken, of zet een goede kopie terug.",
            ],
        ),
        "dekking-kolommen" => always(
            "Een kolom die in geen contract staat, is nooit beoordeeld en kan alles bevatten.",
            &[
                "Laat nagaan waar de kolom vandaan komt. Hoort hij er niet, laat dan de release opnieuw maken zonder die kolom.",
                "Hoort hij er wel, laat hem dan eerst opnemen in contract en register.",
            ],
        ),
        "dekking-register" => always(
            "Het register zegt per soort gegeven wat er ten minste mee moet gebeuren. Een lichtere behandeling is niet toegestaan.",
            &[
                "Laat de behandeling in het contract strenger maken, of pas het register aan na een nieuwe afweging.",
                "Laat sluis daarna opnieuw draaien.",
            ],
        ),
        "dekking-releases" => always(
            "Zonder register en sleutel bij een release is later niet meer na te gaan onder welke regels zij is gemaakt.",
            &[
                "Is het register een concept? Laat de verwerkingsverantwoordelijke het vaststellen en de datum invullen.",
                "Noemt een release een andere sleutel dan de andere? Vraag waarom, en of dat is vastgelegd.",
                "Is release.json niet te lezen? Laat de release opnieuw maken.",
            ],
        ),
        "dekking-bewaring" => always(
            "Wat over zijn bewaartermijn is, had er niet meer mogen zijn.",
            &[
                "Laat de beheerder sluis retention doen, en laat het in het register elke nacht gebeuren.",
                "Klopt de termijn niet? Laat haar dan eerst in het register aanpassen, met de reden.",
            ],
        ),
        "dekking-rechten" => always(
            "Wie bij de bestanden kan, kan de regels van de monitor omzeilen.",
            &[
                "Laat de beheerder de rechten beperken tot de eigenaar: mappen 0700, bestanden 0600.",
                "Vraag wie er tot nu toe bij kon.",
            ],
        ),
        "dekking-sleutel" => always(
            "Wie de sleutel en de gegevens samen heeft, kan van elk bekend nummer het pseudoniem uitrekenen.",
            &[
                "Laat de sleutel verplaatsen naar een plek waar alleen sluis bij kan, buiten het magazijn.",
                "Is het magazijn met de sleutel erin gekopieerd? Dan is een nieuwe sleutel nodig.",
            ],
        ),
        "dekking-logboek" => always(
            "Uit het logboek blijkt welke levering in welke release terechtkwam. Zonder dat is de herkomst kwijt.",
            &["Laat nagaan waardoor het logboek beschadigd raakte, en zet een kopie terug."],
        ),
        "dekking-handelingen" => Advice {
            matters: "In dit logboek staat wie wat deed. Een regel die is veranderd of weggehaald, kan iets verbergen.",
            remedy: &[
                "Vraag wie er bij het bestand audit.ndjson kon, en bewaar het zoals het nu is.",
                "Vergelijk met de kop die u eerder zelf noteerde: sluis audit verify --head.",
            ],
            judge: ALWAYS,
            power: "Een veranderde regel valt altijd op. Regels die aan het eind zijn weggehaald, vallen alleen op als u \
                    eerder de kop hebt genoteerd (sluis audit head).",
        },
        _ => return None,
    })
}

/// What can be done about a risk that was measured.
const COARSER: &[&str] = &[
    "Kijk in de cijfers welke tabel buiten de grens valt, en om welke gegevens het gaat.",
    "Laat de gegevens grover maken (bredere leeftijdsgroep, hele wijk, jaar in plaats van dag), of een kolom weglaten.",
    "Alleen het account van sluis kan de tabellen lezen. Vindt u het risico daarom aanvaardbaar? Leg dat vast in de DPIA.",
];

fn of_risk(id: &str) -> Option<Advice> {
    const JUDGE: &str = "Zet in het register per tabel wie de persoon is, wat anderen van iemand kunnen weten, en wat niemand mag leren. \
                         Doe de controle daarna opnieuw.";
    let measured = |matters, power| Advice {
        matters,
        remedy: COARSER,
        judge: JUDGE,
        power,
    };
    Some(match id {
        "risico-groepen" => measured(
            "Wie als enige in een wijk een bepaalde leeftijd heeft, is zonder naam te herkennen.",
            "Hoe kleiner de kleinste groep, hoe makkelijker iemand te herkennen is.",
        ),
        "risico-gevoelig" => measured(
            "Als iedereen in een groep hetzelfde probleem heeft, weet men het van elk van hen, ook zonder te weten wie wie is.",
            "",
        ),
        "risico-herkenning" => measured(
            "Wie weet dat een bekende in de tabel staat, kan proberen de juiste rij te vinden. Gemeten is hoe groot de kans is dat dat lukt.",
            "",
        ),
        "risico-verloop" => measured(
            "De maanden waarin iemand hulp vroeg en kreeg, zijn samen vaak van één persoon. Wie ze kent, kan de rij vinden.",
            "",
        ),
        "risico-publicatie" => Advice {
            matters: "Deze cijfers gaan naar buiten. Een cijfer over te weinig mensen kan iemand verraden.",
            remedy: &[
                "Laat het cijfer niet meer tonen tot dit is uitgezocht.",
                "Laat de regels van publicatie in het register nakijken, en meld het aan de makers van sluis.",
            ],
            judge: "Hiervoor is een release nodig, en regels van publicatie in het register.",
            power: "",
        },
        _ => return None,
    })
}

fn of_group(id: &str) -> Advice {
    let (matters, remedy, judge): (_, &[&str], _) = match id.split('-').next().unwrap_or_default() {
        "inhoud" => (
            "In het magazijn mag niets staan dat rechtstreeks naar een mens wijst.",
            LEAK,
            ALWAYS,
        ),
        "sterkte" => (
            "Een pseudoniem beschermt alleen als niemand het kan terugrekenen.",
            NEW_KEY,
            ASK_ATTACK,
        ),
        "kanaries" => (
            "Van verzonnen mensen is precies bekend wat er met hen hoort te gebeuren. Gaat het bij hen mis, dan gaat \
             het ook mis bij echte mensen.",
            &[
                "Laat de beheerder nagaan bij welke bron het misgaat, en stop die bron tot dit is opgelost.",
                "Laat de bron daarna opnieuw verwerken en de controle herhalen.",
            ],
            "Hiervoor is een run met verzonnen mensen nodig, en het bestand waarin staat wie zij zijn.",
        ),
        "risico" => (
            "Ook zonder naam kan iemand te herkennen zijn aan een zeldzame combinatie van gegevens.",
            &[
                "Kijk in de cijfers welke tabel of view buiten de grens valt.",
                "Laat de gegevens grover maken (bredere leeftijdsgroep, hele wijk, jaar in plaats van dag), of een kolom weglaten.",
                "Is het risico aanvaardbaar? Leg dan in de DPIA vast waarom.",
            ],
            "Zet in het register welke gegevens samen een persoon kunnen aanwijzen. Doe de controle daarna opnieuw.",
        ),
        _ => (
            "",
            &["Laat de beheerder uitzoeken hoe dit komt, en doe de controle daarna opnieuw."],
            "Hierboven staat waarom. Los dat op en doe de controle opnieuw.",
        ),
    };
    Advice {
        matters,
        remedy,
        judge,
        power: "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue;
    use super::*;

    #[test]
    fn every_check_has_words_and_a_group() {
        for (id, _) in catalogue::ALL {
            let words = advice(id);
            assert!(
                !words.matters.is_empty() && !words.remedy.is_empty(),
                "{id}"
            );
            assert!(!words.judge.is_empty(), "{id}");
            assert_ne!(group(id).asks, OTHER_QUESTIONS, "{id}");
        }
    }

    #[test]
    fn a_check_of_tomorrow_has_words_too() {
        let words = advice("risico-iets-nieuws");
        assert!(words.matters.contains("zeldzame combinatie"));
        let group = group("élan-nieuw");
        assert_eq!(
            (group.title.as_str(), group.asks),
            ("Élan", OTHER_QUESTIONS)
        );
        assert!(!advice("élan-nieuw").remedy.is_empty());
        assert_eq!(super::group("").title, "Overig");
    }
}

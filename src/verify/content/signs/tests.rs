use std::collections::BTreeSet;

use super::*;

fn hits(text: &str) -> BTreeSet<Sign> {
    let mut all = BTreeSet::new();
    look(
        text.as_bytes(),
        true,
        &Names::builtin(),
        &mut |sign, _, hit| {
            if hit {
                all.insert(sign);
            }
        },
    );
    all
}

#[test]
fn every_sign_is_seen() {
    for (text, sign) in [
        ("999990019", Sign::BsnWhole),
        ("10000008", Sign::BsnWhole),
        ("9999.90.019", Sign::BsnWhole),
        ("dossier 999990019 gesloten", Sign::BsnInText),
        ("dossier 999-990-019", Sign::BsnInText),
        ("BSN 999990019", Sign::BsnNamed),
        ("burgerservicenummer=9999 90 019", Sign::BsnNamed),
        ("NL91ABNA0417164300", Sign::Iban),
        ("rek. NL91 ABNA 0417 1643 00.", Sign::Iban),
        ("BE68539007547034", Sign::Iban),
        ("be68 5390 0754 7034", Sign::Iban),
        ("DE89370400440532013000", Sign::Iban),
        ("FR1420041010050500013M02606", Sign::Iban),
        ("ES9121000418450200051332", Sign::Iban),
        ("IT60X0542811101000000123456", Sign::Iban),
        ("PT50000201231234567890154", Sign::Iban),
        ("PL61109010140000071219812874", Sign::Iban),
        ("GB29NWBK60161331926819", Sign::Iban),
        ("LU280019400644750000", Sign::Iban),
        ("AT611904300234573201", Sign::Iban),
        ("IE29AIBK93115212345678", Sign::Iban),
        ("BG80BNBG96611020345678", Sign::Iban),
        ("RO49AAAA1B31007593840000", Sign::Iban),
        ("TR330006100519786457841326", Sign::Iban),
        ("LT121000011101001000", Sign::Iban),
        ("jan.jansen@voorbeeld.nl", Sign::Email),
        ("mail <jan@gemeente.schiedam.nl>, graag", Sign::Email),
        ("06-12345678", Sign::Telephone),
        ("06 12 34 56 78", Sign::Telephone),
        ("bel +31612345678", Sign::Telephone),
        ("+31 (0)10 123 45 67", Sign::Telephone),
        ("0031612345678", Sign::Telephone),
        ("010-1234567", Sign::Telephone),
        ("(010) 123 45 67", Sign::Telephone),
        ("0612345678", Sign::Mobile),
        ("3111AB 12", Sign::Address),
        ("3111 AB, 12a", Sign::Address),
        ("Hoogstraat 12, 3111 AB Schiedam", Sign::Address),
        ("3111 AB", Sign::Postcode),
        ("12-04-1980", Sign::Date),
        ("1980-04-12", Sign::Date),
        ("op 12/4/1980 gezien", Sign::Date),
        ("19800412", Sign::DateNumber),
        ("geboren op 12-04-1980", Sign::Born),
        ("geb.datum: 12-4-1980", Sign::Born),
        ("Daan de Vries", Sign::Name),
        ("Sanne", Sign::FirstName),
        ("Bakker", Sign::Surname),
    ] {
        assert!(hits(text).contains(&sign), "{text}: {:?}", hits(text));
    }
}

#[test]
fn what_is_ordinary_is_no_sign() {
    for text in [
        "999990018",
        "begeleiding individueel",
        "2024-03-01",
        "01-02-2024",
        "jaar=2024",
        "0-17",
        "van 6 tot 12 maanden",
        "20250103T010000Z-00012345",
        "NL91ABNA0417164301",
        "@team",
        "a@b.c",
        "wijk Nieuwland",
        "1234567890",
        "2024 EU",
        "3111",
        "WK060601",
        "€ 1.234,56",
        "01-01-01",
    ] {
        let hits = hits(text);
        let grave = hits
            .iter()
            .any(|s| s.limit() >= SINGLE || *s == Sign::BsnWhole);
        assert!(!grave, "{text}: {hits:?}");
    }
}

#[test]
fn the_names_of_our_own_files_are_no_sign() {
    let names = Names::builtin();
    let mut found = BTreeSet::new();
    for number in 0_u64..400_000 {
        let (one, two) = (forms::stir(number), forms::stir(!number));
        let name = format!(
            "releases/20261122T180344Z-{:08x}/deelname/jaar=2024/deelname-{two:016x}.parquet",
            one >> 32
        );
        look(
            name.as_bytes(),
            false,
            &names,
            &mut |sign: Sign, _, hit: bool| {
                found.extend((hit && sign.alone()).then_some(sign));
            },
        );
    }
    assert_eq!(found, BTreeSet::new());
}

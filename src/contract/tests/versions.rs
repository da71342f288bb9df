//! Versions of a contract and their days, what is said of partly known birth dates, and sources that are
//! not about persons.

use chrono::NaiveDate;

use super::super::model::{Column, Version};
use super::super::remarks;
use super::{CBS, DPIA, WOT, WOT_PIPELINE, broken, edit, expect, faults, house, loaded, one_fault};
use crate::source::format::Headers;

const TWO: &str = r#"[[version]]
name = "2019-1"
until = "2024-03-31"
[[version]]
name = "2024-1"
from = "2024-04-01"
partner = "rogplus"
"#;

/// The small house in which source `wot` has these versions.
fn versions(text: &str) -> super::ContractFiles {
    let mut files = broken(WOT, "version = \"1\"\n", "");
    // Tables come after plain keys.
    edit(
        &mut files,
        WOT,
        "key = [\"hulpvraag\"]\n",
        &format!("key = [\"hulpvraag\"]\n{text}"),
    );
    files
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_delivery_is_read_under_the_version_of_its_day() {
    let contracts = loaded(&versions(TWO));
    let wot = contracts.sources.iter().find(|p| p.contract.id == "wot");
    let contract = &wot.unwrap().contract;
    let on = |text: &str| {
        contract
            .version_on(text.parse().ok())
            .map(|v| v.name.as_str())
    };
    for (date, version) in [
        ("2001-01-01", Some("2019-1")),
        ("2024-03-31", Some("2019-1")),
        ("2024-04-01", Some("2024-1")),
        ("2040-01-01", Some("2024-1")),
        // Without a day it counts as of today: the version without an end.
        ("", Some("2024-1")),
    ] {
        assert_eq!(on(date), version, "{date}");
    }
    assert_eq!(contract.stopped(), None);
    assert_eq!(contract.partner_on(day("2024-03-31")), "wot");
    assert_eq!(contract.partner_on(day("2024-04-01")), "rogplus");
    assert_eq!(remarks(&contracts), [""; 0]);
}

#[test]
fn a_partner_that_stopped_has_a_last_day() {
    let contracts = loaded(&versions(
        "[[version]]\nname = \"1\"\nfrom = \"2019-01-01\"\nuntil = \"2022-12-31\"\npartner = \"enver\"\n",
    ));
    let wot = contracts.sources.iter().find(|p| p.contract.id == "wot");
    let contract = &wot.unwrap().contract;
    let holds = |text: &str| contract.version_on(text.parse().ok()).is_some();
    assert!(holds("2019-01-01") && holds("2022-12-31"));
    assert!(!holds("2018-12-31") && !holds("2023-01-01") && !holds(""));
    assert_eq!(contract.stopped(), Some(day("2022-12-31")));
    // Whoever asks on another day hears who it was, or will be.
    assert_eq!(contract.partner_on(day("2023-06-01")), "enver");
    assert_eq!(contract.partner_on(day("2018-06-01")), "enver");
}

#[test]
fn one_version_is_a_name() {
    let contracts = loaded(&house());
    let wot = contracts.sources.iter().find(|p| p.contract.id == "wot");
    let expected = Version {
        name: "1".to_owned(),
        from: None,
        until: None,
        partner: None,
    };
    assert_eq!(wot.unwrap().contract.versions, [expected]);
}

#[track_caller]
fn version_fault(text: &str, at: &str, message: &str, remedy: &str) {
    expect(&versions(text), WOT, at, message, remedy);
}

#[test]
fn days_of_versions_are_dates_in_order() {
    for wrong in ["31-03-2024", "2024-02-30", "2024", "morgen"] {
        version_fault(
            &TWO.replace("2024-03-31", wrong),
            "until =",
            &format!("`until` is `{wrong}`"),
            "write a date as \"2025-12-31\"",
        );
    }
    version_fault(
        "[[version]]\nname = \"1\"\nfrom = \"2024-01-02\"\nuntil = \"2024-01-01\"\n",
        "until =",
        "a version that ends before it begins",
        "make `until` at least `from`",
    );
    let after = "this version does not begin after the one before it has ended";
    let remedy = "give the earlier version an `until` and this one a later `from`";
    for (text, by) in [
        ("from = \"2024-04-01\"", "from = \"2024-03-31\""),
        ("from = \"2024-04-01\"\n", ""),
        ("until = \"2024-03-31\"\n", ""),
    ] {
        version_fault(&TWO.replace(text, by), "name = \"2024-1\"", after, remedy);
    }
    let found = faults(&versions(&TWO.replace("2024-1", "2019-1")));
    assert!(
        found.iter().any(|f| f.message.contains("2019-1")),
        "{found:?}"
    );
    let found = faults(&versions(
        &TWO.replace("partner = \"rogplus\"", "parnter = \"x\""),
    ));
    assert!(
        found.iter().any(|f| f.message.contains("parnter")),
        "{found:?}"
    );
    let found = faults(&versions("[[version]]\nfrom = \"2024-01-01\"\n"));
    assert!(
        found.iter().any(|f| f.message.contains("`name`")),
        "{found:?}"
    );
    assert!(!faults(&versions("")).is_empty(), "no version at all");
}

#[test]
fn days_of_no_version_are_worth_a_look() {
    let files = versions(&TWO.replace("2024-04-01", "2024-04-10"));
    assert_eq!(
        remarks(&loaded(&files)),
        [
            "no version of `wot` holds from 2024-04-01 to 2024-04-09: deliveries of those days are refused"
        ]
    );
    let mut files = versions(TWO);
    edit(
        &mut files,
        WOT_PIPELINE,
        "wot_{deel}_{datum}.csv",
        "wot_{deel}.csv",
    );
    let [remark] = remarks(&loaded(&files)).try_into().unwrap();
    assert!(
        remark.starts_with("the versions of `wot` have days, but its deliveries have no"),
        "{remark}"
    );
}

#[test]
fn headers_are_those_of_the_version() {
    let mut files = versions(TWO);
    edit(
        &mut files,
        WOT,
        "header = [\"Bsn\", \"BSN\"]",
        "header = { \"2019-1\" = [\"Bsn\"], \"2024-1\" = [\"burgerservicenummer\", \"sofinummer\"] }",
    );
    let contracts = loaded(&files);
    let wot = contracts.sources.iter().find(|p| p.contract.id == "wot");
    let contract = &wot.unwrap().contract;
    let columns: &[Column] = &contract.columns;
    let under = |version: usize| Headers {
        columns,
        version: &contract.versions[version],
    };
    assert_eq!(under(0).find(" BSN "), Some(0));
    assert_eq!(under(0).find("burgerservicenummer"), None);
    assert_eq!(under(1).find("bsn"), None);
    assert_eq!(under(1).find("Sofinummer"), Some(0));
    // A column without a table of headers has its own in every version.
    assert_eq!(under(0).find("nr"), under(1).find("NR"));
    let spelled = |version: usize| {
        under(version)
            .spellings()
            .filter(|(_, at)| *at == 0)
            .count()
    };
    assert_eq!((spelled(0), spelled(1)), (1, 2));
}

#[test]
fn headers_know_their_versions() {
    let with = |header: &str| {
        let mut files = versions(TWO);
        edit(&mut files, WOT, "header = [\"Bsn\", \"BSN\"]", header);
        files
    };
    let unknown = with("header = { \"2019-1\" = [\"Bsn\"], \"2024-2\" = [\"BSN\"] }");
    let found = faults(&unknown);
    assert_eq!(
        found[0].message,
        "column `bsn` has no header in version `2024-1`"
    );
    assert_eq!(found[1].message, "header of an unknown version `2024-2`");
    assert!(found[1].remedy.contains("2024-1"), "{}", found[1].remedy);
    expect(
        &with("header = { \"2024-1\" = [\"BSN\"] }"),
        WOT,
        "name = \"bsn\"",
        "column `bsn` has no header in version `2019-1`",
        "give it one, or write optional = true for a column that came or went",
    );
    loaded(&with(
        "optional = true\nheader = { \"2024-1\" = [\"BSN\"] }",
    ));
    // Two columns may have the same header, if never in one version.
    let mut files = with("header = { \"2019-1\" = [\"id\"], \"2024-1\" = [\"BSN\"] }");
    edit(
        &mut files,
        WOT,
        "name = \"nr\"\n",
        "name = \"nr\"\nheader = { \"2019-1\" = [\"nr\"], \"2024-1\" = [\"ID\"] }\n",
    );
    loaded(&files);
    edit(
        &mut files,
        WOT,
        "\"2019-1\" = [\"nr\"]",
        "\"2019-1\" = [\"Id\"]",
    );
    let found = faults(&files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].message,
        "header `Id` belongs to column `bsn` already"
    );
}

#[test]
fn what_is_known_of_a_birth_date_stands_in_another_column() {
    let with = |known: &str| {
        broken(
            WOT,
            "at = \"melding\"\n",
            &format!("at = \"melding\"\nknown = \"{known}\"\n"),
        )
    };
    loaded(&with("zwaarte"));
    expect(
        &with("zwarte"),
        WOT,
        "known =",
        "`known` names `zwarte`, which is no other column with codes",
        "did you mean `zwaarte`?",
    );
    for wrong in ["geboortedatum", "melding", "bsn"] {
        expect(
            &with(wrong),
            WOT,
            "known =",
            &format!("`known` names `{wrong}`, which is no other column with codes"),
            "choose another column, of type `keuze`, `geheel` or `tekst`",
        );
    }
    one_fault(
        WOT,
        (
            "name = \"geboortedatum\"\ntype = \"datum\"\nformat = \"dd-mm-jjjj\"",
            "name = \"geboortedatum\"\ntype = \"datum\"\nformat = \"dd-mm-jj\"",
        ),
        "name = \"geboortedatum\"",
        "birth dates of column `geboortedatum` have no century",
        "ask the partner for years of four digits: an age cannot be told from two",
    );
}

#[test]
fn a_source_that_is_not_about_persons_has_no_columns_about_them() {
    let about = |subject: &str, bsn: &str| {
        broken(
            DPIA,
            "legal_basis = \"Wmo.\"\nbsn = true\n",
            &format!("legal_basis = \"Wmo.\"\nbsn = {bsn}\nsubject = \"{subject}\"\n"),
        )
    };
    let messages = |files: &super::ContractFiles| -> Vec<String> {
        faults(files).into_iter().map(|f| f.message).collect()
    };
    loaded(&about("personen", "true"));
    let things = messages(&about("zaken", "false"));
    assert_eq!(
        things,
        ["column `bsn` is a BSN, which this partner may not send"]
    );
    let counts = messages(&about("aantallen", "false"));
    for column in ["nr", "geboortedatum", "postcode"] {
        let message =
            format!("column `{column}` is about persons, and this source is about aantallen");
        assert!(counts.contains(&message), "{column}: {counts:?}");
    }
    let both = messages(&about("aantallen", "true"));
    assert!(
        both.contains(&"source `wot` is about aantallen and may send a BSN".to_owned()),
        "{both:?}"
    );
    assert!(messages(&about("dingen", "false"))[0].contains("unknown subject `dingen`"));
    // Reference data may be what it is.
    let mut files = house();
    edit(
        &mut files,
        DPIA,
        "legal_basis = \"Open data.\"\n",
        "legal_basis = \"Open data.\"\nsubject = \"zaken\"\n",
    );
    loaded(&files);
    assert!(files.get(CBS).is_some());
}

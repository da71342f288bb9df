//! Faults in source contracts: types, treatments, names.

use super::{CBS, WOT, expect, faults, house, one_fault};

#[test]
fn the_id_is_the_name_of_the_file() {
    one_fault(
        WOT,
        ("id = \"wot\"", "id = \"wto\""),
        "id =",
        "id `wto` is not the name of the file",
        "write id = \"wot\", or rename the file",
    );
}

#[test]
fn a_source_says_what_it_is() {
    one_fault(
        WOT,
        ("partner = \"wot\"\n", ""),
        "",
        "this file has no `partner`",
        "add partner = \"...\"",
    );
    one_fault(
        WOT,
        ("documentation = \"Casussen.\"", "documentation = \"\""),
        "documentation",
        "`documentation` of this file is empty",
        "fill in `documentation`",
    );
}

#[test]
fn an_unknown_type_names_the_nearest() {
    one_fault(
        WOT,
        ("type = \"keuze\"", "type = \"keuse\""),
        "type = \"keuse\"",
        "unknown type `keuse`",
        "did you mean `keuze`?",
    );
}

#[test]
fn an_unknown_treatment_names_the_nearest() {
    let mut files = house();
    for path in [WOT, super::DPIA] {
        super::edit(
            &mut files,
            path,
            "treatment = \"weglaten\"",
            "treatment = \"weglatne\"",
        );
    }
    let found = faults(&files);
    assert!(
        found
            .iter()
            .all(|fault| fault.remedy.contains("`weglaten`")),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|fault| fault.message == "unknown treatment `weglatne`" && fault.file == WOT)
    );
}

#[test]
fn an_unknown_key_names_the_nearest() {
    one_fault(
        WOT,
        ("required = true", "requierd = true"),
        "requierd",
        "unknown key `requierd` in column `nr`",
        "did you mean `required`?",
    );
}

#[test]
fn a_type_has_all_its_keys() {
    for (text, message, remedy) in [
        (
            "format = \"dd-mm-jjjj\"\n",
            "column `geboortedatum` has no `format`",
            "add format = \"...\"",
        ),
        (
            "max_bytes = 20\n",
            "column `nr` has no `max_bytes`",
            "add max_bytes = ...",
        ),
        (
            "values = { licht = [\"Licht\", \"1\"], zwaar = \"Zwaar\" }\n",
            "a closed list without `values`",
            "add values = [\"...\"], or a table of values with their spellings",
        ),
        (
            "domain = \"sociaal-domein\"\n",
            "column `bsn` has no `domain`",
            "add domain = \"...\"",
        ),
        (
            "at = \"melding\"\n",
            "column `geboortedatum` has no `at`",
            "add at = \"...\"",
        ),
        (
            "as = \"wijk\"\n",
            "column `postcode` has no `as`",
            "add as = \"...\"",
        ),
        (
            "type = \"tekst\"\nmax_bytes = 4000\n",
            "column `notitie` has no `type`",
            "add type = \"...\"",
        ),
        (
            "class = \"tekst\"\n",
            "column `notitie` has no `class`",
            "add class = \"...\"",
        ),
    ] {
        let files = super::broken(WOT, text, "");
        let found = faults(&files);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(
            (found[0].message.as_str(), found[0].remedy.as_str()),
            (message, remedy)
        );
    }
}

#[test]
fn a_type_has_no_keys_of_another() {
    one_fault(
        WOT,
        ("type = \"bsn\"\n", "type = \"bsn\"\nmax_bytes = 9\n"),
        "max_bytes = 9",
        "`max_bytes` does not belong in column `bsn`",
        "remove it: it goes with types `tekst` and `nummer`",
    );
    one_fault(
        WOT,
        (
            "treatment = \"weglaten\"\n",
            "treatment = \"weglaten\"\nas = \"notitie\"\n",
        ),
        "as = \"notitie\"",
        "`as` does not belong in column `notitie`",
        "remove it: it goes with treatments that change the value, not with `behouden` and `weglaten`",
    );
}

#[test]
fn what_identifies_cannot_be_kept() {
    for (kind, rest, choose) in [
        ("tekst", "max_bytes = 10", "`weglaten`"),
        ("bsn", "", "`pseudonimiseren` or `weglaten`"),
        (
            "nummer",
            "max_bytes = 10",
            "`pseudonimiseren` or `weglaten`",
        ),
        ("postcode", "", "`wijk` or `pc4` or `weglaten`"),
    ] {
        let column = format!(
            "[[column]]\nname = \"extra\"\ntype = \"{kind}\"\n{rest}\nclass = \"gewoon\"\n\
             treatment = \"behouden\" # here\ndocumentation = \"x\"\n"
        );
        let mut files = house();
        files.insert(WOT, super::SOURCE.to_owned() + &column);
        let entry = "notitie = { class = \"tekst\", treatment = \"weglaten\" }";
        let both = format!("{entry}\nextra = {{ class = \"gewoon\", treatment = \"behouden\" }}");
        super::edit(&mut files, super::DPIA, entry, &both);
        expect(
            &files,
            WOT,
            "treatment = \"behouden\" # here",
            &format!("type `{kind}` cannot have treatment `behouden`"),
            &format!("choose {choose}"),
        );
    }
}

#[test]
fn a_date_has_a_known_format() {
    one_fault(
        WOT,
        ("format = \"dd-mm-jjjj\"", "format = \"dd-mm-yyyy\""),
        "format",
        "unknown date format `dd-mm-yyyy`",
        "use one of `dd-mm-jjjj`, `dd/mm/jjjj`, `jjjj-mm-dd`, `jjjjmmdd`, `dd-mm-jj`, `jjjj-mm`, `jjjj`",
    );
}

#[test]
fn a_number_of_a_partner_is_short() {
    one_fault(
        WOT,
        ("max_bytes = 20", "max_bytes = 41"),
        "max_bytes = 41",
        "`max_bytes` of column `nr` is 41",
        "choose a number from 1 to 40",
    );
}

#[test]
fn whole_numbers_have_bounds_in_order() {
    let text = "type = \"keuze\"\nvalues = { licht = [\"Licht\", \"1\"], zwaar = \"Zwaar\" }";
    one_fault(
        WOT,
        (text, "type = \"geheel\"\nmin = 3\nmax = 1"),
        "max = 1",
        "`max` is 1, below `min`",
        "make `max` at least `min`",
    );
}

#[test]
fn a_spelling_has_one_meaning() {
    one_fault(
        WOT,
        ("zwaar = \"Zwaar\"", "zwaar = [\"Zwaar\", \"1\"]"),
        "values",
        "spelling `1` stands for `licht` already",
        "remove one of them",
    );
    let text = "type = \"keuze\"\nvalues = { licht = [\"Licht\", \"1\"], zwaar = \"Zwaar\" }";
    one_fault(
        WOT,
        (
            text,
            "type = \"ja-nee\"\nyes = [\"J\"]\nno = [\"N\", \"J\"]",
        ),
        "no =",
        "spelling `J` stands for `yes` already",
        "remove one of them",
    );
    one_fault(
        WOT,
        (text, "type = \"ja-nee\"\nyes = [\"J\"]\nno = []"),
        "[[column]]\nname = \"zwaarte\"",
        "type `ja-nee` without spellings in `no`",
        "add no = [\"...\"]",
    );
    one_fault(
        WOT,
        (
            "name = \"zwaarte\"",
            "name = \"zwaarte\"\nempty = [\"Licht\"]",
        ),
        "empty = [\"Licht\"]",
        "spelling `Licht` means both a value and no value",
        "remove it from `empty` or from the values",
    );
}

#[test]
fn a_separator_stands_between_values_only() {
    let text = "type = \"keuze\"\nvalues = { licht = [\"Licht\", \"1\"], zwaar = \"Zwaar\" }";
    for (separator, message, remedy) in [
        (
            "separator = \", \"",
            "`separator` is not one character",
            "write one character, as in separator = \",\"",
        ),
        (
            "separator = \"i\"",
            "spelling `Licht` contains the separator",
            "choose another separator or spelling",
        ),
    ] {
        let by = text.replace("keuze", "keuzes") + "\n" + separator;
        one_fault(WOT, (text, &by), separator, message, remedy);
    }
    let by = text.replace("keuze", "keuzes");
    one_fault(
        WOT,
        (text, &by),
        "[[column]]\nname = \"zwaarte\"",
        "type `keuzes` without `separator`",
        "add separator = \",\"",
    );
}

#[test]
fn an_age_is_taken_at_another_date_of_the_source() {
    one_fault(
        WOT,
        ("at = \"melding\"", "at = \"meldign\""),
        "at = \"meldign\"",
        "`at` names `meldign`, which is no other date of this source",
        "did you mean `melding`?",
    );
    for wrong in ["zwaarte", "geboortedatum"] {
        one_fault(
            WOT,
            ("at = \"melding\"", &format!("at = \"{wrong}\"")),
            &format!("at = \"{wrong}\""),
            &format!("`at` names `{wrong}`, which is no other date of this source"),
            "choose another column of type `datum`, as `melding`",
        );
    }
}

#[test]
fn borders_ascend_from_zero() {
    for borders in [
        "[]",
        "[1, 18]",
        "[0, 18, 18]",
        "[0, 65, 18]",
        "[0, 300]",
        "[0, -1]",
    ] {
        one_fault(
            WOT,
            ("[0, 18, 65]", borders),
            "borders",
            "`borders` do not ascend from 0",
            "write ages from 0 to 150 in ascending order, the first 0, as in [0, 18, 65]",
        );
    }
}

#[test]
fn every_band_has_a_label_of_its_own() {
    one_fault(
        WOT,
        ("borders =", "labels = [\"jong\", \"oud\"]\nborders ="),
        "labels",
        "2 labels for 3 borders",
        "give every band one label, or leave `labels` out",
    );
    one_fault(
        WOT,
        (
            "borders =",
            "labels = [\"jong\", \"oud\", \"oud\"]\nborders =",
        ),
        "labels",
        "`oud` stands twice in `labels`",
        "remove one of them",
    );
}

#[test]
fn names_are_well_formed() {
    one_fault(
        WOT,
        ("as = \"client\"", "as = \"Client\""),
        "as =",
        "`Client` is no name for a column after the lock",
        "begin with a letter a-z and use a-z, 0-9 and _ only",
    );
    let mut files = house();
    super::edit(&mut files, WOT, "name = \"zwaarte\"", "name = \"_zwaarte\"");
    super::edit(&mut files, super::DPIA, "zwaarte =", "_zwaarte =");
    expect(
        &files,
        WOT,
        "name = \"_zwaarte\"",
        "`_zwaarte` is no name for a column",
        "begin with a letter a-z and use a-z, 0-9 and _ only",
    );
}

#[test]
fn no_column_header_or_name_after_the_lock_stands_twice() {
    one_fault(
        WOT,
        ("name = \"nr\"", "name = \"nr\"\nheader = \" bsn \""),
        "header = \" bsn \"",
        "header ` bsn ` belongs to column `bsn` already",
        "give every column headers of its own; case and outer spaces do not count",
    );
    one_fault(
        WOT,
        ("as = \"wijk\"", "as = \"client\""),
        "as = \"client\"\ndocumentation = \"Postcode.\"",
        "columns `bsn` and `postcode` are both `client` after the lock",
        "give one of them another name with `as`",
    );
    let double = "[[column]]\nname = \"melding\" # again\ntype = \"datum\"\nformat = \"jjjjmmdd\"\n\
                  class = \"gewoon\"\ntreatment = \"behouden\"\ndocumentation = \"x\"\n";
    let mut files = house();
    files.insert(WOT, super::SOURCE.to_owned() + double);
    expect(
        &files,
        WOT,
        "name = \"melding\" # again",
        "`melding` stands twice in the columns",
        "remove one of them",
    );
}

#[test]
fn a_key_is_named_as_after_the_lock() {
    one_fault(
        WOT,
        ("key = [\"hulpvraag\"]", "key = [\"nr\"]"),
        "key =",
        "key `nr` is no column after the lock",
        "after the lock it is called `hulpvraag`",
    );
    one_fault(
        WOT,
        ("key = [\"hulpvraag\"]", "key = [\"hulpvrag\"]"),
        "key =",
        "key `hulpvrag` is no column after the lock",
        "did you mean `hulpvraag`?",
    );
    one_fault(
        WOT,
        (
            "key = [\"hulpvraag\"]",
            "key = [\"hulpvraag\", \"hulpvraag\"]",
        ),
        "key =",
        "`hulpvraag` stands twice in `key`",
        "remove one of them",
    );
}

#[test]
fn a_column_is_not_both_required_and_optional() {
    one_fault(
        WOT,
        ("required = true", "required = true\noptional = true"),
        "[[column]]\nname = \"nr\"",
        "column `nr` is both required and optional",
        "a delivery without the column would lose every row: drop one of the two",
    );
}

#[test]
fn reference_postcodes_stand_where_no_persons_are() {
    let text = "type = \"cbs-regio\"\nclass = \"gewoon\"\ntreatment = \"behouden\"";
    let by = "type = \"nummer\"\nmax_bytes = 9\nclass = \"direct\"\ntreatment = \"weglaten\"";
    let mut files = super::broken(CBS, text, by);
    let entry = "wijk = { class = \"gewoon\", treatment = \"behouden\" }";
    super::edit(
        &mut files,
        super::DPIA,
        entry,
        "wijk = { class = \"direct\", treatment = \"weglaten\" }",
    );
    expect(
        &files,
        CBS,
        "type = \"postcode-referentie\"",
        "type `postcode-referentie` beside a column of type `nummer`",
        "use type `postcode`: where persons are, their postcode does not pass the lock",
    );
}

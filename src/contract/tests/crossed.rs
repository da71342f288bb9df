//! Faults between files: contracts, pipelines and the register.

use super::{
    CBS, CBS_MAPPING, CBS_PIPELINE, DPIA, WOT, WOT_MAPPING, WOT_PIPELINE, broken, edit, expect,
    faults, house, one_fault,
};

#[test]
fn without_a_register_nothing_is_allowed() {
    let mut files = house();
    files.remove(DPIA);
    expect(
        &files,
        DPIA,
        "",
        "there is no DPIA register",
        "add config/dpia.toml: what it does not allow is not done",
    );
}

#[test]
fn a_class_is_one_of_the_register() {
    let mut files = broken(WOT, "class = \"tekst\"", "class = \"tekts\"");
    edit(
        &mut files,
        DPIA,
        "notitie = { class = \"tekst\"",
        "notitie = { class = \"tekts\"",
    );
    let found = faults(&files);
    let shown: Vec<_> = found
        .iter()
        .map(|f| (f.file.as_str(), f.message.as_str(), f.remedy.as_str()))
        .collect();
    let (message, remedy) = ("unknown class `tekts`", "did you mean `tekst`?");
    assert_eq!(shown, [(DPIA, message, remedy), (WOT, message, remedy)]);
}

#[test]
fn a_class_permits_its_treatment() {
    let mut files = broken(WOT, "class = \"gewoon\"", "class = \"direct\"");
    edit(
        &mut files,
        DPIA,
        "melding = { class = \"gewoon\"",
        "melding = { class = \"direct\"",
    );
    expect(
        &files,
        WOT,
        "treatment = \"behouden\"",
        "class `direct` does not permit treatment `behouden`",
        "the register permits `pseudonimiseren`, `weglaten`",
    );
}

#[test]
fn a_column_of_the_contract_is_in_the_register() {
    let files = broken(
        DPIA,
        "notitie = { class = \"tekst\", treatment = \"weglaten\" }\n",
        "",
    );
    expect(
        &files,
        WOT,
        "name = \"notitie\"",
        "column `notitie` is not in the register",
        "add notitie = { class = \"...\", treatment = \"...\" } under [source.wot.columns] in \
         config/dpia.toml, once the controller has agreed",
    );
}

#[test]
fn a_column_of_the_register_is_in_the_contract() {
    one_fault(
        DPIA,
        (
            "[source.wot.columns]\n",
            "[source.wot.columns]\nnaam = { class = \"direct\", treatment = \"weglaten\" }\n",
        ),
        "naam =",
        "column `naam` is not in the contract of source `wot`",
        "remove it, or add the column to schemas/sources/wot.toml",
    );
}

#[test]
fn contract_and_register_say_the_same() {
    let files = broken(
        DPIA,
        "notitie = { class = \"tekst\"",
        "notitie = { class = \"gewoon\"",
    );
    expect(
        &files,
        WOT,
        "class = \"tekst\"",
        "column `notitie` has class `tekst`, but `gewoon` in the register",
        "make them agree: see config/dpia.toml:34",
    );
    let entry = "melding = { class = \"gewoon\", treatment = ";
    let files = broken(
        DPIA,
        &format!("{entry}\"behouden\""),
        &format!("{entry}\"weglaten\""),
    );
    expect(
        &files,
        WOT,
        "treatment = \"behouden\"",
        "column `melding` has treatment `behouden`, but `weglaten` in the register",
        "make them agree: see config/dpia.toml:31",
    );
}

#[test]
fn a_bsn_comes_only_from_partners_that_may_send_one() {
    let files = broken(DPIA, "bsn = true", "bsn = false");
    expect(
        &files,
        WOT,
        "type = \"bsn\"",
        "column `bsn` is a BSN, which this partner may not send",
        "remove the column: a delivery that has it is then refused",
    );
}

#[test]
fn a_domain_is_one_of_the_register() {
    one_fault(
        WOT,
        ("domain = \"sociaal-domein\"", "domain = \"sociaal\""),
        "domain",
        "unknown domain `sociaal`",
        "use `sociaal-domein`",
    );
}

#[test]
fn the_register_is_whole() {
    for (text, by, at, message, remedy) in [
        (
            "version = \"0.1\"\n",
            "",
            "[register]",
            "[register] has no `version`",
            "add version = \"...\"",
        ),
        (
            "adopted = \"\"",
            "adopted = \"maart\"",
            "adopted",
            "`adopted` is `maart`",
            "write a date as 2025-12-31, or \"\" while the register is a concept",
        ),
        (
            "description = \"Personen.\"\n",
            "",
            "[domain.sociaal-domein]",
            "[domain.sociaal-domein] has no `description`",
            "add description = \"...\"",
        ),
        (
            "bsn = true\n",
            "",
            "[source.wot]",
            "[source.wot] has no `bsn`",
            "add bsn = true",
        ),
        (
            "raw_retention_days = 0",
            "raw_retention_days = -1",
            "raw_retention_days",
            "`raw_retention_days` of [source.wot] is -1",
            "choose a number from 0 to 3650",
        ),
        (
            "nr = { class = \"direct\", treatment",
            "nr = { treatment",
            "nr =",
            "column `nr` has no `class`",
            "add class = \"...\"",
        ),
        (
            "[\"weglaten\"]",
            "[\"weglaten\", \"verwijderen\"]",
            "verwijderen",
            "unknown treatment `verwijderen`",
            "use one of `behouden`, `weglaten`, `pseudonimiseren`, `leeftijdsgroep`, `wijk`, `pc4`",
        ),
        (
            "[register]",
            "[toezicht]\n[register]",
            "[toezicht]",
            "unknown key `toezicht` in this file",
            "use one of `assessment`, `class`, `domain`, `publication`, `register`, `retention`, `risk`, `source`, `table`, `view`",
        ),
    ] {
        one_fault(DPIA, (text, by), at, message, remedy);
    }
}

#[test]
fn a_source_is_whole() {
    let mut files = house();
    files.remove(CBS_PIPELINE);
    expect(
        &files,
        CBS,
        "",
        "source `cbs` has no pipeline",
        "add pipelines/cbs/pipeline.toml",
    );
    let mut files = house();
    files.remove(WOT_MAPPING);
    expect(
        &files,
        WOT,
        "",
        "source `wot` has no mapping",
        "add pipelines/wot/TABLE.sql for every table it fills",
    );
    let (before, after) = super::REGISTER.split_once("[source.cbs]").unwrap();
    let (_, after) = after.split_once("[publication]").unwrap();
    let mut files = house();
    files.insert(DPIA, format!("{before}[publication]{after}"));
    expect(
        &files,
        CBS,
        "",
        "source `cbs` is not in the register",
        "add [source.cbs] to config/dpia.toml, once the controller has agreed",
    );
}

#[test]
fn a_source_without_a_contract_is_named_wherever_it_stands() {
    let mut files = house();
    files.insert("pipelines/zrm/zrm_score.sql", "SELECT 1 FROM levering");
    files.insert(
        "schemas/tables/zrm_score.toml",
        super::POSTCODE.replace("\"postcode\"", "\"zrm_score\""),
    );
    let source =
        "[source.wto]\npurpose = \"x\"\nlegal_basis = \"x\"\nbsn = false\n[source.wto.columns]\n";
    files.insert(DPIA, super::REGISTER.to_owned() + source);
    let found = faults(&files);
    let shown: Vec<_> = found
        .iter()
        .map(|f| {
            (
                f.file.as_str(),
                f.message.as_str(),
                f.remedy.as_str(),
                f.source.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                DPIA,
                "source `wto` has no contract",
                "did you mean `wot`? Else add schemas/sources/wto.toml, or remove this",
                Some("wto")
            ),
            (
                "pipelines/zrm/zrm_score.sql",
                "source `zrm` has no contract",
                "add schemas/sources/zrm.toml, or remove this",
                Some("zrm")
            ),
        ]
    );
}

#[test]
fn a_file_that_does_not_parse_is_not_called_missing() {
    for path in [WOT, WOT_PIPELINE, CBS_MAPPING, DPIA] {
        let mut files = house();
        files.insert(path, "= ] not anything");
        let found = faults(&files);
        assert!(found.iter().all(|fault| fault.file == path), "{found:#?}");
    }
}

#[test]
fn what_a_person_judges_is_read_as_strictly() {
    let with = |text: &str| format!("{text}\n[register]");
    let risk =
        "[assessment.risk.a]\ndescription = \"Iets.\"\nlikelihood = \"laag\"\nimpact = \"hoog\"\n";
    let party =
        "[assessment.party.a]\nname = \"A\"\nrole = \"verstrekker\"\ndescription = \"Levert.\"\n";
    for (text, at, message, remedy) in [
        (
            "[assessment]\nbelangen = \"x\"\n".to_owned(),
            "belangen",
            "unknown key `belangen` in [assessment]",
            "use one of `framework`, `interests`, `locations`, `necessity`, `party`, `proposal`, `purpose_limitation`, `rights`, `risk`, `special_data`",
        ),
        (
            risk.to_owned(),
            "[assessment.risk.a]",
            "a risk that nothing is done about",
            "add measures = [\"...\"], or say there why it is accepted",
        ),
        (
            format!("{}measures = \"x\"\n", risk.replace("laag", "klein")),
            "likelihood",
            "unknown likelihood `klein`",
            "use one of `laag`, `gemiddeld`, `hoog`",
        ),
        (
            format!(
                "{}measures = \"x\"\nremaining = \"hoog\"\n",
                risk.replace("hoog", "laag")
            ),
            "[assessment.risk.a]",
            "more of a risk remains than there was",
            "lower `remaining`, or raise `likelihood` or `impact`",
        ),
        (
            format!("{party}partners = [\"niemand\"]\n"),
            "partners",
            "party `a` is said to be partner `niemand`, which no contract has",
            "use one of `cbs`, `wot`",
        ),
        (
            party.replace("verstrekker", "baas"),
            "role",
            "unknown role `baas`",
            "use one of `verwerkingsverantwoordelijke`, `gezamenlijk-verantwoordelijke`, `verwerker`, `verstrekker`, `ontvanger`",
        ),
    ] {
        one_fault(DPIA, ("[register]", &with(&text)), at, message, remedy);
    }
}

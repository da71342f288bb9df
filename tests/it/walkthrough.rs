//! The README's walk-through, followed to the letter: its files, its delivery, its question.

use std::fs;
use std::path::Path;

use crate::support::Place;

const README: &str = include_str!("../../README.md");

/// The section of that title.
fn section(title: &str) -> &'static str {
    let heading = format!("## {title}\n");
    let from = README.find(&heading).expect("the section") + heading.len();
    let text = &README[from..];
    text.find("\n## ").map_or(text, |end| &text[..end])
}

/// The code block that follows the line that begins with `lead`, without its indentation.
fn block(section: &str, lead: &str) -> String {
    let mut lines = section.lines().skip_while(|line| !line.contains(lead));
    lines.next().expect("the lead");
    let block = lines
        .skip_while(|line| !line.starts_with("    "))
        .take_while(|line| line.is_empty() || line.starts_with("    "));
    let text: Vec<&str> = block
        .map(|line| line.get(4..).unwrap_or_default())
        .collect();
    text.join("\n").trim_end().to_owned() + "\n"
}

/// Copies the contracts of the repository, as `cp -r schemas pipelines config` does.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_partner_is_added_by_following_the_readme() {
    let section = section("Add a partner");
    let place = Place::new();
    let contracts = place.path().join("contracten");
    for folder in ["schemas", "pipelines", "config"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        copy(&from, &contracts.join(folder));
    }
    for path in [
        "schemas/sources/repaircafe.toml",
        "pipelines/repaircafe/pipeline.toml",
        "schemas/tables/reparatie.toml",
        "pipelines/repaircafe/reparatie.sql",
        "schemas/monitor/reparaties.sql",
        "schemas/monitor/reparaties.toml",
    ] {
        let file = contracts.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, block(section, &format!("`contracten/{path}`"))).unwrap();
    }
    let set = format!("paths.contracts={}", contracts.display());
    // Without the register's entry the world is closed.
    let told = place.sluis(&["check", "--set", &set]).must_exit(2);
    assert!(told.stdout.contains("repaircafe") || told.stderr.contains("repaircafe"));

    let register = contracts.join("config/dpia.toml");
    let entry = block(section, "`contracten/config/dpia.toml`");
    fs::write(
        &register,
        fs::read_to_string(&register).unwrap() + "\n" + &entry,
    )
    .unwrap();
    place.sluis(&["check", "--set", &set]).must_exit(0);

    let commands = block(section, "Then deliver and ask");
    let printed = commands.split('\'').nth(1).expect("what printf prints");
    let delivery = printed.replace("\\t", "\t").replace("\\n", "\n");
    place.deliver(
        "repaircafe",
        "repaircafe_2024_20250115.csv",
        delivery.as_bytes(),
    );
    place
        .sluis(&["run", "repaircafe", "--set", &set])
        .must_exit(0);
    let query = commands.split('"').nth(1).expect("the question");
    let answer = place.sluis(&["sql", "--format", "json", "--set", &set, "-c", query]);
    let rows = answer.must_exit(0).json();
    let cell = |row: usize, column: &str| rows[row][column].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    let mut bands = [cell(0, "leeftijdsgroep"), cell(1, "leeftijdsgroep")].map(|v| v.to_string());
    bands.sort();
    assert_eq!(bands, ["\"18-64\"", "\"65+\""]);
}

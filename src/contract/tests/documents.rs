//! How forms are read: what is missing, misshapen or unknown.

use super::super::document::{Document, Form};
use super::super::faults::Report;

fn faults(text: &str, read: impl FnOnce(&mut Form<'_>)) -> Vec<String> {
    let report = Report::default();
    if let Some(document) = Document::parse(text, report.file("f.toml", None)) {
        let mut form = document.form(report.file("f.toml", None));
        read(&mut form);
        form.finish(&[("max", "type `geheel`")]);
    }
    let shown = |fault: &super::super::Fault| {
        format!("{}: {} ({})", fault.line, fault.message, fault.remedy)
    };
    report.into_sorted().iter().map(shown).collect()
}

#[test]
fn every_slip_of_syntax_is_a_fault_with_its_line() {
    let found = faults("a = 1\nb = = 2\nc = 'x'\nd = [1\n", |_| ());
    assert!(found.len() >= 2, "{found:?}");
    assert!(found[0].starts_with("2: not TOML: "), "{found:?}");
}

#[test]
fn a_key_twice_is_a_fault() {
    let found = faults("a = 1\na = 2\n", |_| ());
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("2: not TOML: duplicate key"),
        "{found:?}"
    );
}

#[test]
fn a_missing_key_is_a_fault() {
    let found = faults("\n", |form| assert!(form.text("title").is_none()));
    assert_eq!(found, ["1: this file has no `title` (add title = \"...\")"]);
}

#[test]
fn an_unknown_key_is_a_fault_with_the_nearest_known_one() {
    let found = faults("title = 'x'\ntitel = 'y'\n", |form| {
        form.text("title");
    });
    assert_eq!(
        found,
        ["2: unknown key `titel` in this file (did you mean `title`?)"]
    );
}

#[test]
fn a_key_of_elsewhere_says_where_it_belongs() {
    let found = faults("max = 1\n", |_| ());
    assert_eq!(
        found,
        ["1: `max` does not belong in this file (remove it: it goes with type `geheel`)"]
    );
}

#[test]
fn a_wrong_shape_is_a_fault() {
    let found = faults("a = 1\nb = 'x'\nc = [1]\nd = 5\ne = ' '\n", |form| {
        form.text("a");
        form.flag("b", true);
        form.texts("c");
        form.integer("d", (1, 3));
        form.text("e");
    });
    assert_eq!(
        found,
        [
            "1: `a` of this file is a whole number (write text)",
            "2: `b` of this file is text (write true or false)",
            "3: `c` of this file is a list (write a list of texts)",
            "4: `d` of this file is 5 (choose a number from 1 to 3)",
            "5: `e` of this file is empty (fill in `e`)",
        ]
    );
}

#[test]
fn a_table_knows_its_line() {
    let report = Report::default();
    let text = "\n[a.b]\nx = 1\n[[c]]\n[[c]]\ny = 1\n";
    let document = Document::parse(text, report.file("f.toml", None)).unwrap();
    let mut form = document.form(report.file("f.toml", None));
    assert_eq!(form.table("a").unwrap().table("b").unwrap().line(), 2);
    let lines: Vec<u32> = form.tables("c").iter().map(Form::line).collect();
    assert_eq!(lines, [4, 5]);
}

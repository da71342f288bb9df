//! Faults in tables, mappings and views.

use super::{CBS_TABLE, WOT_MAPPING, WOT_TABLE, expect, faults, house, one_fault};

#[test]
fn the_name_is_the_name_of_the_file() {
    one_fault(
        WOT_TABLE,
        ("name = \"hulpvraag\"", "name = \"hulpvragen\""),
        "name",
        "name `hulpvragen` is not the name of the file",
        "write name = \"hulpvraag\", or rename the file",
    );
}

#[test]
fn a_column_has_a_known_type() {
    one_fault(
        WOT_TABLE,
        ("type = \"pseudoniem\"", "type = \"psuedoniem\""),
        "psuedoniem",
        "unknown type `psuedoniem`",
        "did you mean `pseudoniem`?",
    );
}

#[test]
fn a_key_is_a_column() {
    one_fault(
        WOT_TABLE,
        ("key = [\"hulpvraag\"]", "key = [\"hulpvrag\"]"),
        "key",
        "key `hulpvrag` is no column of this table",
        "did you mean `hulpvraag`?",
    );
}

#[test]
fn a_column_stands_once() {
    one_fault(
        WOT_TABLE,
        ("name = \"client\"", "name = \"jaar\" # again"),
        "name = \"jaar\" # again",
        "`jaar` stands twice in the columns",
        "remove one of them",
    );
}

#[test]
fn partitions_are_year_then_wijk() {
    let remedy = "write partition = [\"jaar\", \"wijk\"], [\"jaar\"] or []";
    one_fault(
        WOT_TABLE,
        ("[\"jaar\", \"wijk\"]", "[\"wijk\"]"),
        "partition",
        "partition column 1 is `wijk`",
        remedy,
    );
    one_fault(
        WOT_TABLE,
        ("[\"jaar\", \"wijk\"]", "[\"jaar\", \"wijk\", \"client\"]"),
        "partition",
        "`client` is one partition column too many",
        remedy,
    );
}

#[test]
fn partition_columns_are_required_columns() {
    one_fault(
        WOT_TABLE,
        (
            "type = \"geheel\"\nrequired = true\n",
            "type = \"geheel\"\n",
        ),
        "name = \"jaar\"",
        "partition column `jaar` is not a required column of type `geheel`",
        "list it as a column with type = \"geheel\" and required = true",
    );
    one_fault(
        WOT_TABLE,
        ("type = \"tekst\"", "type = \"pseudoniem\""),
        "name = \"wijk\"",
        "partition column `wijk` is not a required column of type `tekst`",
        "list it as a column with type = \"tekst\" and required = true",
    );
}

#[test]
fn the_table_of_postcodes_has_what_the_lock_reads() {
    one_fault(
        CBS_TABLE,
        ("name = \"wijk\"", "name = \"naam\""),
        "name = \"postcode\"",
        "table `postcode` has no column `wijk` of type `tekst`",
        "add it: the treatment `wijk` reads it",
    );
}

#[test]
fn a_mapping_fills_a_known_table() {
    let mut files = house();
    files.insert("pipelines/wot/hulpvragen.sql", "SELECT 1 FROM levering");
    expect(
        &files,
        "pipelines/wot/hulpvragen.sql",
        "",
        "there is no table `hulpvragen`",
        "did you mean hulpvraag.sql? Else add schemas/tables/hulpvragen.toml",
    );
}

#[test]
fn a_mapping_is_one_select() {
    let mut files = house();
    let remedy = "write exactly one SELECT, which may begin with WITH";
    for (sql, at, message) in [
        ("-- niets\n", "", "a file without a query"),
        ("DROP TABLE x", "", "a statement that is no SELECT"),
        ("VALUES (1)", "", "a query that is no SELECT"),
        (
            "SELECT 1 FROM levering;\nSELECT 2",
            "SELECT 2",
            "2 statements in one file",
        ),
    ] {
        files.insert(WOT_MAPPING, sql);
        expect(&files, WOT_MAPPING, at, message, remedy);
    }
    files.insert(WOT_MAPPING, "SELECT 1\nFROM levering\nWHERE )");
    expect(
        &files,
        WOT_MAPPING,
        "WHERE",
        "not SQL: Expected: an expression, found: )",
        "correct the query",
    );
}

#[test]
fn a_mapping_reads_the_delivery_once() {
    one_fault(
        WOT_MAPPING,
        ("FROM levering", "FROM levering a\nJOIN levering b ON true"),
        "JOIN",
        "`levering` is read twice",
        "read it once: it is a stream",
    );
    one_fault(
        WOT_MAPPING,
        ("FROM levering", "FROM magazijn.postcode"),
        "",
        "a mapping that does not read `levering`",
        "write SELECT ... FROM levering",
    );
}

#[test]
fn a_mapping_reads_tables_that_were_filled_before() {
    one_fault(
        WOT_MAPPING,
        (
            "FROM levering",
            "FROM levering\nJOIN magazijn.hulpvraag USING (client)",
        ),
        "JOIN",
        "table `hulpvraag` is not filled by a source that this one waits for",
        "no other source fills `hulpvraag`: read `levering` only",
    );
    one_fault(
        "pipelines/cbs/postcode.sql",
        ("FROM levering", "FROM levering, magazijn.hulpvraag"),
        "",
        "table `hulpvraag` is not filled by a source that this one waits for",
        "add \"wot\" to `after` in pipelines/cbs/pipeline.toml",
    );
    one_fault(
        WOT_MAPPING,
        ("FROM levering", "FROM levering, magazijn.postcodes"),
        "FROM",
        "there is no table `postcodes`",
        "did you mean `postcode`?",
    );
    one_fault(
        WOT_MAPPING,
        ("FROM levering", "FROM levering, information_schema.tables"),
        "FROM",
        "a mapping cannot read `information_schema.tables`",
        "read `levering` and tables `magazijn.NAME` only",
    );
    let mut files = house();
    files.insert(
        WOT_MAPPING,
        "SELECT * FROM levering JOIN magazijn.postcode p USING (wijk)",
    );
    assert_eq!(faults(&files), []);
}

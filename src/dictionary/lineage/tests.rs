//! Every kind of step, each with the smallest query that has it.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use datafusion::datasource::{ViewTable, empty::EmptyTable};
use datafusion::prelude::{SessionConfig, SessionContext};

use super::*;

/// Tables `a` (k, x, y, d), `b` (k, z) and `l` (k, items), and the view `v` over `a`.
async fn context() -> SessionContext {
    let config = SessionConfig::new().with_default_catalog_and_schema("sluis", "s");
    let context = SessionContext::new_with_config(config);
    let schema = MemorySchemaProvider::new();
    let items = DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true)));
    let pair = DataType::Struct(
        vec![
            Field::new("one", DataType::Int64, true),
            Field::new("two", DataType::Int64, true),
        ]
        .into(),
    );
    for (name, columns) in [
        (
            "a",
            vec![
                ("k", DataType::Int64),
                ("x", DataType::Int64),
                ("y", DataType::Int64),
                ("d", DataType::Utf8),
            ],
        ),
        ("b", vec![("k", DataType::Int64), ("z", DataType::Int64)]),
        (
            "l",
            vec![("k", DataType::Int64), ("items", items), ("pair", pair)],
        ),
    ] {
        let fields = columns.into_iter().map(|(n, t)| Field::new(n, t, true));
        let table = EmptyTable::new(Arc::new(Schema::new(fields.collect::<Vec<_>>())));
        schema.register_table(name.into(), Arc::new(table)).unwrap();
    }
    let schema = Arc::new(schema);
    let catalog = context.catalog("sluis").unwrap();
    catalog
        .register_schema("s", Arc::clone(&schema) as _)
        .unwrap();
    let plan = plan(
        &context,
        "select k as nummer, x + 1 as meer from a where y > 0",
    )
    .await;
    let view = Arc::new(ViewTable::new(plan, None));
    schema.register_table("v".into(), view).unwrap();
    context
}

async fn plan(context: &SessionContext, sql: &str) -> LogicalPlan {
    context.state().create_logical_plan(sql).await.unwrap()
}

/// One line a column: `name = its origins | its constants; by what selected`.
fn told(sql: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let plan = runtime.block_on(async { plan(&context().await, sql).await });
    let mut text = String::new();
    for column in trace(&plan).unwrap() {
        let name = |o: &Origin| match o {
            Origin::Column { relation, column } => format!("{relation}.{column}"),
            Origin::Rows { relation } => format!("rows of {relation}"),
        };
        let direct = column.direct.iter();
        let direct: Vec<_> = direct
            .map(|(o, w)| format!("{} {}", name(o), w.name()))
            .collect();
        let _ = write!(text, "{} = {}", column.name, direct.join(", "));
        if !column.constants.is_empty() {
            let constants: Vec<_> = column.constants.into_iter().collect();
            let _ = write!(text, " | {}", constants.join(" "));
        }
        let by: Vec<_> = column.selected_by.iter().map(name).collect();
        if !by.is_empty() {
            let _ = write!(text, "; by {}", by.join(", "));
        }
        text.push('\n');
    }
    text
}

#[test]
fn columns_are_copied_computed_or_given() {
    insta::assert_snapshot!(told("select k, a.x as anders, cast(y as varchar) as tekst, x + y as som, \
        'vast' as vast, null as leeg, coalesce(d, 'onbekend') as ook, d is null as mist, upper(d) as hoog, \
        case when x > 0 then d when y > 0 then 'y' end as keuze from a"), @"
    k = a.k overgenomen
    anders = a.x overgenomen
    tekst = a.y overgenomen
    som = a.x berekend, a.y berekend
    vast =  | 'vast'
    leeg =  | NULL
    ook = a.d overgenomen | 'onbekend'
    mist = a.d berekend
    hoog = a.d berekend
    keuze = a.d overgenomen, a.x berekend, a.y berekend | 'y'
    ");
}

#[test]
fn filters_and_limits_decide_about_rows() {
    insta::assert_snapshot!(told("select k from a where x > 0 and d in ('p', 'q')"), @"k = a.k overgenomen; by a.d, a.x");
    insta::assert_snapshot!(told("select k from a order by x"), @"k = a.k overgenomen");
    insta::assert_snapshot!(told("select k from a order by x limit 10"), @"k = a.k overgenomen; by a.x");
    insta::assert_snapshot!(told("select k from a limit 10"), @"k = a.k overgenomen");
    insta::assert_snapshot!(told("select distinct x, y from a"), @"
    x = a.x overgenomen; by a.y
    y = a.y overgenomen; by a.x
    ");
    insta::assert_snapshot!(told("select distinct on (x) y from a order by x, k"), @"y = a.y overgenomen; by a.k, a.x");
}

#[test]
fn groups_summarise() {
    insta::assert_snapshot!(told("select x, count(*) as n, count(1) as m, sum(y) as s, max(d) as laatste, \
        count(distinct k) as wie, sum(case when y > 0 then 1 else 0 end) as plus, \
        count(*) filter (where y > 1) as f, first_value(d order by y) as eerste from a group by x"), @"
    x = a.x overgenomen
    n = rows of a samengevat; by a.x
    m = rows of a samengevat; by a.x
    s = a.y samengevat; by a.x
    laatste = a.d overgenomen; by a.x
    wie = a.k samengevat; by a.x
    plus = a.y samengevat; by a.x
    f = a.y samengevat; by a.x
    eerste = a.d overgenomen; by a.x, a.y
    ");
    insta::assert_snapshot!(told("select x, y, sum(k) as s, grouping(x) as g from a group by grouping sets ((x), (y))"), @"
    x = a.x overgenomen; by a.y
    y = a.y overgenomen; by a.x
    s = a.k samengevat; by a.x, a.y
    g = a.x samengevat; by a.y
    ");
    insta::assert_snapshot!(told("select count(*) as n from (select x, sum(y) as s from a group by x) where s > 3"), @"n = a.x samengevat; by a.y");
}

#[test]
fn joins_decide_by_their_keys() {
    insta::assert_snapshot!(told("select a.x, b.z from a join b on a.k = b.k and a.y < b.z"), @"
    x = a.x overgenomen; by a.k, a.y, b.k, b.z
    z = b.z overgenomen; by a.k, a.y, b.k
    ");
    insta::assert_snapshot!(told("select a.x, b.z from a left join b using (k)"), @"
    x = a.x overgenomen; by a.k, b.k
    z = b.z overgenomen; by a.k, b.k
    ");
    insta::assert_snapshot!(told("select count(*) as n from a cross join b"), @"n = rows of a samengevat, rows of b samengevat");
    insta::assert_snapshot!(told("select x from a left semi join b on a.k = b.k"), @"x = a.x overgenomen; by a.k, b.k");
    insta::assert_snapshot!(told("select z from a right anti join b on a.k = b.k"), @"z = b.z overgenomen; by a.k, b.k");
}

#[test]
fn unions_and_lists_of_values_are_followed_by_place() {
    insta::assert_snapshot!(told("select x as p, 'a' as bron from a union all select z, 'b' from b where k > 0"), @"
    p = a.x overgenomen, b.z overgenomen; by b.k
    bron =  | 'a' 'b'; by b.k
    ");
    insta::assert_snapshot!(told("select g.x, r.rij from a as g cross join (values (1, 'laag'), (2, 'hoog')) as r (nr, rij)"), @"
    x = a.x overgenomen
    rij =  | 'hoog' 'laag'
    ");
    insta::assert_snapshot!(told("select x from a except select z from b"), @"x = a.x overgenomen; by b.z");
}

#[test]
fn windows_take_a_row_or_count_them() {
    insta::assert_snapshot!(told("select row_number() over (partition by x order by y) as nr, \
        first_value(d) over (partition by x order by y) as eerste, sum(y) over (partition by x) as som, \
        count(*) over () as alle from a"), @"
    nr = a.x berekend, a.y berekend
    eerste = a.d overgenomen; by a.x, a.y
    som = a.y samengevat; by a.x
    alle = rows of a samengevat
    ");
    insta::assert_snapshot!(told("select k from (select k, row_number() over (partition by x order by y) as nr from a) where nr = 1"),
        @"k = a.k overgenomen; by a.x, a.y");
}

#[test]
fn queries_inside_expressions_are_followed() {
    insta::assert_snapshot!(told("select (select max(z) from b where b.k = a.k) as meest from a"), @"meest = b.z overgenomen; by a.k, b.k");
    insta::assert_snapshot!(told("select x from a where k in (select k from b where z > 0)"), @"x = a.x overgenomen; by a.k, b.k, b.z");
    insta::assert_snapshot!(told("select x, exists (select 1 from b where b.k = a.k) as heeft from a"), @"
    x = a.x overgenomen
    heeft = a.k berekend, b.k berekend, rows of b berekend
    ");
}

#[test]
fn names_for_queries_are_followed_also_in_circles() {
    insta::assert_snapshot!(told("with t as (select x, y from a where d = 'p') select u.x, w.y from t as u join t as w on u.x = w.x"), @"
    x = a.x overgenomen; by a.d
    y = a.y overgenomen; by a.d, a.x
    ");
    insta::assert_snapshot!(told("with recursive t(n, van) as (select k, x from a union all \
        select t.n + 1, b.z from t join b on b.k = t.n) select n, van from t"), @"
    n = a.k overgenomen; by b.k
    van = a.x overgenomen, b.z overgenomen; by a.k, b.k
    ");
    insta::assert_snapshot!(told("select nummer, meer from v"), @"
    nummer = a.k overgenomen; by a.y
    meer = a.x berekend; by a.y
    ");
}

#[test]
fn lists_and_structs_are_taken_apart() {
    insta::assert_snapshot!(told("select k, unnest(items) as item from l"), @"
    k = l.k overgenomen
    item = l.items overgenomen
    ");
    insta::assert_snapshot!(told("select cel['wat'] as wat, cel['hoe'] as hoe from (select unnest(make_array(\
        named_struct('wat', 'x', 'hoe', x), named_struct('wat', 'y', 'hoe', y))) as cel from a)"), @"
    wat =  | 'x' 'y'
    hoe = a.x overgenomen, a.y overgenomen
    ");
    insta::assert_snapshot!(told("select unnest(pair) from l"), @"
    l.pair.one = l.pair overgenomen
    l.pair.two = l.pair overgenomen
    ");
}

#[test]
fn what_is_no_query_is_not_followed() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let plan = runtime.block_on(async { plan(&context().await, "explain select 1").await });
    assert!(matches!(trace(&plan), Err(LineageError::Step("explain"))));
}

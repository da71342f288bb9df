//! Our half of the benchmark of the views: reads the name of a view from each line of standard input,
//! asks the monitor for the whole view, and writes a line of JSON: how long that took, and with ` check`
//! behind the name also the answer.
//!
//! Each question goes to a monitor of its own, because a monitor judges a view once and keeps the
//! answer. Opening it is not in the time, as a connection is not in that of the other half.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark, not an interface"
)]

use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use arrow::array::RecordBatch;
use serde_json::json;
use sluis::contract::model::Contracts;
use sluis::contract::{self, ContractFiles};
use sluis::monitor::{Limits, Monitor};
use sluis::warehouse::release;
use tokio::runtime::Runtime;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [warehouse, threads, mib, top] = &arguments[..] else {
        println!("usage: views WAREHOUSE THREADS MIB CONTRACTS");
        return;
    };
    let limits = Limits {
        memory_bytes: mib.parse::<usize>().unwrap() << 20,
        threads: threads.parse().unwrap(),
    };
    let contracts = contract::load(&ContractFiles::from_folder(Path::new(top)).unwrap()).unwrap();
    let runtime = Runtime::new().unwrap();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (view, check) = line
            .strip_suffix(" check")
            .map_or((line.as_str(), false), |view| (view, true));
        let answer = runtime.block_on(ask(Path::new(warehouse), &contracts, limits, view, check));
        println!("{answer}");
    }
}

async fn ask(
    warehouse: &Path,
    contracts: &Contracts,
    limits: Limits,
    view: &str,
    check: bool,
) -> serde_json::Value {
    let release = release::open(warehouse, None).unwrap();
    let monitor = Monitor::open(release.as_ref(), contracts, warehouse, limits).await;
    let monitor = monitor.unwrap();
    let started = Instant::now();
    let answer = match monitor
        .query(&format!("select * from monitor.{view}"))
        .await
    {
        Ok(answer) => answer.collect().await,
        Err(error) => Err(error),
    };
    let seconds = started.elapsed().as_secs_f64();
    match answer {
        Ok(batches) if check => json!({ "seconds": seconds, "csv": csv(&batches) }),
        Ok(_) => json!({ "seconds": seconds }),
        Err(error) => json!({ "seconds": seconds, "error": error.to_string() }),
    }
}

fn csv(batches: &[RecordBatch]) -> String {
    let mut writer = arrow::csv::Writer::new(Vec::new());
    for batch in batches {
        writer.write(batch).unwrap();
    }
    String::from_utf8(writer.into_inner()).unwrap()
}

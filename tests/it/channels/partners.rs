//! Every partner of the contracts that delivers over HTTPS or S3, served its own demo delivery: what
//! comes over is what was delivered.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use sluis::contract::ContractFiles;
use sluis::contract::model::{Channel, NextPage, Paging, Pipeline};

use super::desk::credential;
use super::moto::moto;
use super::tls::{Authority, Reply, Request, Server};
use crate::support::Place;

/// Records on a page.
const PAGE: usize = 40;

/// The pipelines that come over a channel, by source.
fn pipelines(of: impl Fn(&Channel) -> bool) -> BTreeMap<String, Pipeline> {
    let contracts = sluis::contract::load(&ContractFiles::embedded()).unwrap();
    let pipelines = contracts.sources.into_iter().map(|plan| plan.pipeline);
    pipelines
        .filter(|pipeline| of(&pipeline.channel))
        .map(|pipeline| (pipeline.source.clone(), pipeline))
        .collect()
}

/// The files of a folder of the landing folder, in order of their names.
fn files(place: &Place, pipeline: &Pipeline) -> Vec<PathBuf> {
    let folder = fs::read_dir(place.landing().join(&pipeline.folder)).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

/// The records of a delivery. A line that is spoiled is none: no answer could hold it.
fn records(path: &Path) -> Option<Vec<Value>> {
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let mut records: Vec<Value> = match serde_json::from_str(&text) {
        Ok(Value::Array(records)) => records,
        _ => text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect(),
    };
    records.retain(Value::is_object);
    (!records.is_empty()).then_some(records)
}

/// An answer with something at a path.
fn put(answer: &mut Value, path: &str, what: Value) {
    let mut place = answer;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = what;
}

/// A page as the pipeline says that pages are.
fn page(request: &Request, paging: &Paging, records: &[Value]) -> Reply {
    let (from, next) = match &paging.next {
        NextPage::Number { parameter } => {
            let number: usize = request.parameter(parameter).unwrap().parse().unwrap();
            ((number - 1) * PAGE, None)
        }
        NextPage::Cursor { parameter, field } => {
            let from = request.parameter(parameter);
            let from = from.map_or(0, |cursor| cursor[1..].parse().unwrap());
            (from, Some((field, from + PAGE)))
        }
    };
    let items: Vec<Value> = records.iter().skip(from).take(PAGE).cloned().collect();
    let mut answer = json!({});
    put(&mut answer, &paging.items, Value::from(items));
    if let Some((field, next)) = next {
        let cursor = (next < records.len()).then(|| format!("c{next}"));
        put(&mut answer, field, json!(cursor));
    }
    Reply::json(&answer)
}

#[test]
fn every_interface_gives_what_its_partner_delivered() {
    let demo = Place::with_demo();
    let interfaces = pipelines(|channel| matches!(channel, Channel::Https(_)));
    assert!(interfaces.len() >= 5);
    let delivered: BTreeMap<String, Vec<Value>> = interfaces
        .iter()
        .map(|(source, pipeline)| {
            let good = files(&demo, pipeline)
                .iter()
                .rev()
                .find_map(|path| records(path));
            (source.clone(), good.expect(source))
        })
        .collect();
    let authority = Authority::new();
    let (offered, paged) = (Arc::new(delivered.clone()), interfaces.clone());
    let server = Server::start(&authority.identity(&["127.0.0.1"]), move |request| {
        let path = request.path.trim_start_matches('/');
        let source = path.split('?').next().unwrap_or_default();
        match paged.get(source).map(|pipeline| &pipeline.channel) {
            Some(Channel::Https(paging)) => page(request, paging, &offered[source]),
            _ => Reply::new(404, ""),
        }
    });

    let place = Place::new();
    let mut sets = vec![format!(
        "paths.credentials={}",
        credential(&place, "bearer x").display()
    )];
    let ca = authority.file(place.path());
    for source in interfaces.keys() {
        sets.push(format!(
            "endpoint.{source}.url={}",
            server.url(&format!("/{source}"))
        ));
        sets.push(format!("endpoint.{source}.credential=partner"));
        sets.push(format!("endpoint.{source}.ca={}", ca.display()));
    }
    let mut args: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
    args.push("pull");
    place.sluis(&args).must_exit(0);
    for (source, pipeline) in &interfaces {
        let landed = files(&place, pipeline);
        let [landed] = landed.as_slice() else {
            panic!("{landed:?}")
        };
        assert!(
            records(landed).as_ref() == delivered.get(source),
            "{source}"
        );
    }
}

#[test]
fn every_bucket_gives_what_its_partner_delivered() {
    let Some(moto) = moto() else { return };
    let demo = Place::with_demo();
    let buckets = pipelines(|channel| matches!(channel, Channel::S3));
    assert!(buckets.len() >= 3);
    let place = Place::new();
    let mut sets = vec![format!(
        "paths.credentials={}",
        credential(&place, &moto.key).display()
    )];
    for (source, pipeline) in &buckets {
        let bucket = format!("demo-{source}");
        moto.put_files(&bucket, &files(&demo, pipeline));
        for (field, value) in [
            ("url", format!("s3://{bucket}/")),
            ("server", format!("https://127.0.0.1:{}", moto.port)),
            ("region", "eu-central-1".to_owned()),
            ("credential", "partner".to_owned()),
            ("ca", moto.ca.display().to_string()),
        ] {
            sets.push(format!("endpoint.{source}.{field}={value}"));
        }
    }
    let mut args: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
    args.push("pull");
    place.sluis(&args).must_exit(0);
    for (source, pipeline) in &buckets {
        let (delivered, landed) = (files(&demo, pipeline), files(&place, pipeline));
        assert!(!delivered.is_empty());
        assert_eq!(delivered.len(), landed.len(), "{source}");
        for (delivered, landed) in delivered.iter().zip(&landed) {
            assert_eq!(delivered.file_name(), landed.file_name());
            let bytes = [delivered, landed].map(|path| fs::read(path).unwrap());
            assert!(bytes[0] == bytes[1], "{}", landed.display());
        }
    }
}

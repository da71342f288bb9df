//! What settings promise.

#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::layers::KEYS;
use super::{Level, Settings, SettingsError};
use crate::error::{Class, Classified};

fn with(
    file: Option<&Path>,
    environment: &[(&str, &str)],
    overrides: &[&str],
) -> Result<Settings, SettingsError> {
    let environment: BTreeMap<String, String> = environment
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).into()).collect();
    Settings::from_layers(file, &environment, &overrides)
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn told(error: &SettingsError) -> String {
    format!("{error} | {}", error.remedy().unwrap_or_default())
}

#[test]
fn the_defaults_are_whole() {
    let settings = with(None, &[], &[]).unwrap();
    assert_eq!(settings.paths.contracts, None);
    assert_eq!(settings.paths.landing, Path::new("werk/landing"));
    assert_eq!(settings.paths.warehouse, Path::new("werk/magazijn"));
    assert_eq!(settings.paths.key, Path::new("werk/sleutel/root.key"));
    assert_eq!(settings.run.chunk_bytes, 2 * 1024 * 1024);
    assert_eq!(settings.run.threads, 0);
    assert_eq!(settings.run.buffer_mib, 128);
    assert_eq!(settings.run.keep_releases, 30);
    assert_eq!(settings.query.memory_mib, 512);
    assert_eq!(settings.log.level, Level::Warn);
}

#[test]
fn the_default_file_names_every_setting_and_no_other() {
    let table: toml::Table = include_str!("../../config/default.toml").parse().unwrap();
    let mut keys: Vec<String> = table
        .iter()
        .flat_map(|(section, keys)| {
            keys.as_table()
                .unwrap()
                .keys()
                .map(move |key| format!("{section}.{key}"))
        })
        .collect();
    keys.sort();
    let mut known = KEYS.map(str::to_owned);
    known.sort();
    assert_eq!(keys, known);
}

#[test]
fn the_later_layer_wins() {
    let (_folder, path) = file("[run]\nthreads = 1\nbuffer_mib = 1\nkeep_releases = 1\n");
    let settings = with(
        Some(&path),
        &[
            ("SLUIS__RUN__BUFFER_MIB", "2"),
            ("SLUIS__RUN__KEEP_RELEASES", "2"),
            ("PATH", "/bin"),
        ],
        &["run.keep_releases=3", "log.level=debug"],
    )
    .unwrap();
    assert_eq!(settings.run.threads, 1);
    assert_eq!(settings.run.buffer_mib, 2);
    assert_eq!(settings.run.keep_releases, 3);
    assert_eq!(settings.log.level, Level::Debug);
    assert_eq!(settings.run.chunk_bytes, 2 * 1024 * 1024);
}

#[test]
fn paths_in_a_file_are_relative_to_the_file_and_all_others_to_the_current_folder() {
    let (folder, path) =
        file("[paths]\ncontracts = '.'\nlanding = 'in'\nwarehouse = '/srv/magazijn'\n");
    let settings = with(Some(&path), &[("SLUIS__PATHS__KEY", "here/root.key")], &[]).unwrap();
    assert_eq!(settings.paths.contracts.unwrap(), folder.path().join("."));
    assert_eq!(settings.paths.landing, folder.path().join("in"));
    assert_eq!(settings.paths.warehouse, Path::new("/srv/magazijn"));
    assert_eq!(settings.paths.key, Path::new("here/root.key"));
}

#[test]
fn no_contract_folder_in_a_file_means_the_built_in_contracts() {
    let (_folder, path) = file("[paths]\ncontracts = ''\n");
    assert_eq!(with(Some(&path), &[], &[]).unwrap().paths.contracts, None);
}

#[test]
fn an_unknown_key_is_an_error_in_every_layer() {
    let (_folder, path) = file("[run]\nthread = 1\n");
    let error = with(Some(&path), &[], &[]).unwrap_err();
    assert_eq!(error.class(), Class::User);
    assert_eq!(
        told(&error),
        format!(
            "unknown setting `run.thread` in {} | did you mean `run.threads`?",
            path.display()
        )
    );
    let error = with(None, &[("SLUIS__PATHS__LANDIN", "x")], &[]).unwrap_err();
    assert_eq!(
        told(&error),
        "unknown setting `paths.landin` in environment variable SLUIS__PATHS__LANDIN | \
         did you mean `paths.landing`?"
    );
    let error = with(None, &[], &["log.threads=1"]).unwrap_err();
    assert_eq!(
        told(&error),
        "unknown setting `log.threads` in `--set` | did you mean `run.threads`?"
    );
}

#[test]
fn a_setting_outside_its_section_and_a_stray_section_are_errors() {
    for (text, key) in [
        ("threads = 1", "threads"),
        ("[server]", "server"),
        ("[paths.key]", "paths.key"),
    ] {
        let (_folder, path) = file(text);
        let error = with(Some(&path), &[], &[]).unwrap_err();
        assert!(error.to_string().contains(&format!("`{key}`")), "{error}");
    }
    let (_folder, path) = file("[run]\n");
    assert!(with(Some(&path), &[], &[]).is_ok());
}

#[test]
fn a_value_out_of_bounds_is_an_error_that_names_its_key() {
    for (given, key) in [
        ("run.threads=-1", "run.threads"),
        ("run.threads=many", "run.threads"),
        ("run.chunk_bytes=0", "run.chunk_bytes"),
        ("run.buffer_mib=1.5", "run.buffer_mib"),
        ("run.keep_releases=0", "run.keep_releases"),
        ("paths.landing=", "paths.landing"),
        ("log.level=verbose", "log.level"),
    ] {
        let error = with(None, &[], &[given]).unwrap_err();
        assert!(
            matches!(&error, SettingsError::Value { key: named, .. } if named == key),
            "{error}"
        );
    }
    let (_folder, path) = file("[paths]\nlanding = 1\n");
    let error = with(Some(&path), &[], &[]).unwrap_err();
    assert_eq!(
        told(&error),
        "setting `paths.landing` is not text | write it between quotes"
    );
    let (_folder, path) = file("[run]\nthreads = 1.5\n");
    let error = with(Some(&path), &[], &[]).unwrap_err();
    assert!(error.to_string().contains("run.threads"), "{error}");
}

#[test]
fn an_override_needs_a_key_and_a_value() {
    let error = with(None, &[], &["run.threads"]).unwrap_err();
    assert_eq!(
        told(&error),
        "`--set run.threads` is not `section.key=value` | write it as `--set run.threads=2`"
    );
    let settings = with(None, &[], &["paths.landing=a=b"]).unwrap();
    assert_eq!(settings.paths.landing, Path::new("a=b"));
}

#[test]
fn a_file_that_is_absent_or_broken_is_an_error() {
    let error = with(Some(Path::new("nowhere/sluis.toml")), &[], &[]).unwrap_err();
    assert!(matches!(error, SettingsError::Unreadable { .. }));
    let (_folder, path) = file("[run\n");
    let error = with(Some(&path), &[], &[]).unwrap_err();
    assert!(matches!(error, SettingsError::Syntax { .. }), "{error}");
    assert!(error.to_string().contains("line 1"), "{error}");
}

#[test]
fn key_landing_and_warehouse_are_kept_apart() {
    for (overrides, inner, outer, class) in [
        (
            ["paths.key=w/m/root.key", "paths.warehouse=w/m"],
            "key",
            "warehouse",
            Class::Privacy,
        ),
        (
            ["paths.key=./w/x/../l/root.key", "paths.landing=w/l"],
            "key",
            "landing",
            Class::Privacy,
        ),
        (
            ["paths.landing=w/m/l", "paths.warehouse=w/m"],
            "landing",
            "warehouse",
            Class::User,
        ),
        (
            ["paths.landing=w", "paths.warehouse=w/m"],
            "warehouse",
            "landing",
            Class::User,
        ),
        (
            ["paths.landing=w", "paths.warehouse=w"],
            "landing",
            "warehouse",
            Class::User,
        ),
    ] {
        let error = with(None, &[], &overrides).unwrap_err();
        let SettingsError::NotApart {
            inner: found_inner,
            outer: found_outer,
            ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!((*found_inner, *found_outer), (inner, outer));
        assert_eq!(error.class(), class);
    }
    // Names that begin alike are not inside each other.
    assert!(with(None, &[], &["paths.landing=w/m", "paths.warehouse=w/m2"]).is_ok());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_does_not_hide_where_the_key_lies() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("magazijn")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("magazijn"), folder.path().join("veilig"))
        .unwrap();
    let key = format!(
        "paths.key={}",
        folder.path().join("veilig/root.key").display()
    );
    let warehouse = format!(
        "paths.warehouse={}",
        folder.path().join("magazijn").display()
    );
    let error = with(None, &[], &[&key, &warehouse]).unwrap_err();
    assert!(
        matches!(error, SettingsError::NotApart { inner: "key", .. }),
        "{error}"
    );
}

/// An endpoint by `--set`, with these fields besides.
fn endpoint(fields: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let sets: Vec<String> = fields
        .iter()
        .map(|(field, value)| format!("endpoint.rog-plus.{field}={value}"))
        .collect();
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    with(None, &[], &sets)
}

#[test]
fn endpoints_come_from_every_layer() {
    let (folder, path) = file(
        "[endpoint.rog-plus]\nurl = 'sftp://sluis@sftp.example.nl:2222/uit%20map'\n\
         credential = 'rog'\nknown_hosts = 'known_hosts'\n\
         [endpoint.mee]\nurl = 'https://api.example.nl/v1'\ncredential = 'mee'\nca = '/etc/ca.pem'\n",
    );
    let settings = with(
        Some(&path),
        &[("SLUIS__ENDPOINT__MEE__CREDENTIAL", "mee-2")],
        &["endpoint.rog-plus.credential=rog-2"],
    )
    .unwrap();
    let rog = &settings.endpoints["rog-plus"];
    assert_eq!(
        rog.known_hosts.as_deref(),
        Some(&*folder.path().join("known_hosts"))
    );
    assert_eq!(rog.credential, "rog-2");
    assert_eq!(rog.user().as_deref(), Some("sluis"));
    assert_eq!(rog.path().as_deref(), Some("/uit map"));
    let mee = &settings.endpoints["mee"];
    assert_eq!(mee.credential, "mee-2");
    assert_eq!(mee.ca.as_deref(), Some(Path::new("/etc/ca.pem")));
}

#[test]
fn an_endpoint_never_holds_a_credential_and_no_error_repeats_one() {
    let sftp = ("known_hosts", "k");
    for (url, more) in [
        ("sftp://a:geheim@host/uit", sftp),
        ("https://geheim@host/", ("ca", "k")),
        ("https://a:geheim@host/", ("ca", "k")),
        ("https://host/?api_key=geheim", ("ca", "k")),
        ("https://host/#geheim", ("ca", "k")),
        ("http://host/geheim", ("ca", "k")),
        ("ftp://host/geheim", ("ca", "k")),
        ("sftp://host/geheim", sftp),
        ("geheim", sftp),
        ("s3://geheim@bucket/", ("region", "r")),
    ] {
        let error = endpoint(&[("url", url), ("credential", "rog"), more]).unwrap_err();
        assert!(!told(&error).contains("geheim"), "{}", told(&error));
        assert!(
            matches!(&error, SettingsError::Value { key, .. } if key == "endpoint.rog-plus.url"),
            "{error}"
        );
    }
    let error = endpoint(&[("url", "https://host/"), ("credential", "Bearer Geheim")]).unwrap_err();
    assert!(!told(&error).contains("Geheim"), "{}", told(&error));
}

#[test]
fn an_endpoint_that_is_not_whole_or_says_too_much_is_an_error() {
    for (fields, key) in [
        (&[("credential", "rog")][..], "url"),
        (&[("url", "https://host/")], "credential"),
        (
            &[("url", "sftp://a@host/uit"), ("credential", "rog")],
            "known_hosts",
        ),
        (
            &[
                ("url", "https://host/"),
                ("credential", "rog"),
                ("region", "r"),
            ],
            "region",
        ),
        (
            &[
                ("url", "s3://bucket/"),
                ("credential", "rog"),
                ("server", "http://host"),
            ],
            "server",
        ),
    ] {
        let error = endpoint(fields).unwrap_err();
        let wanted = format!("endpoint.rog-plus.{key}");
        assert!(
            matches!(&error, SettingsError::Value { key, .. } if *key == wanted),
            "{error}"
        );
    }
    let error = endpoint(&[("password", "geheim")]).unwrap_err();
    assert!(
        told(&error).contains("unknown setting `endpoint.rog-plus.password`"),
        "{error}"
    );
    for set in ["endpoint.rog=x", "endpoint.=x", "endpoint.rog.tls.off=1"] {
        assert!(with(None, &[], &[set]).is_err(), "{set}");
    }
    let (_folder, path) = file("[endpoint]\nrog = 'x'\n");
    assert!(with(Some(&path), &[], &[]).is_err());
}

#[test]
fn credentials_lie_outside_landing_and_warehouse() {
    for outer in ["landing", "warehouse"] {
        let error = with(
            None,
            &[],
            &["paths.credentials=w/o/c", &format!("paths.{outer}=w/o")],
        )
        .unwrap_err();
        assert_eq!(error.class(), Class::Privacy, "{error}");
    }
}

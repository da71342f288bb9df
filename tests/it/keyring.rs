//! Where the root key comes from: a file, the environment, systemd, or two holders with `age`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sluis::lock::keys::RootKey;

use crate::small::{Small, rows};
use crate::support::{Answer, Place};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A place with one night of a small source, and the argument of its contracts.
fn place() -> (Place, String) {
    let place = Place::new();
    let set = Small::new().at(&place);
    place.deliver("proef", "proef_20240101.csv", rows(0..20).as_bytes());
    place.sluis(&["run", "--quiet", "--set", &set]).must_exit(0);
    (place, set)
}

/// Runs the program with more in its environment.
fn given(place: &Place, env: &[(&str, &str)], args: &[&str]) -> Answer {
    let mut command = place.command(args);
    command.envs(env.iter().copied()).stdin(Stdio::null());
    command.output().unwrap().into()
}

/// No secret of a key is in any of these.
fn keeps_silent(key: &str, answer: &Answer, place: &Place) {
    let log = fs::read_to_string(place.warehouse().join("audit.ndjson")).unwrap();
    for secret in key.trim().split(':').skip(1) {
        for text in [&answer.stdout, &answer.stderr, &log] {
            assert!(!text.contains(secret) && !text.contains(&secret[..16]));
        }
    }
}

#[test]
fn the_environment_and_systemd_give_the_key_of_a_file() {
    let (place, set) = place();
    let key = fs::read_to_string(place.key()).unwrap();
    let fingerprint = place.manifest().key_fingerprint;
    let folder = place.path().join("credentials");
    fs::create_dir(&folder).unwrap();
    let credential = folder.join("sluis-root-key");
    fs::write(&credential, &key).unwrap();
    mode(&credential, 0o440);
    fs::remove_file(place.key()).unwrap();
    let folder = folder.display().to_string();
    for (from, env, named) in [
        ("environment", ("SLUIS_ROOT_KEY", key.as_str()), "omgeving"),
        (
            "systemd",
            ("CREDENTIALS_DIRECTORY", folder.as_str()),
            "systemd",
        ),
    ] {
        let from = format!("key.from={from}");
        let with = |args: &[&str]| {
            let args = [args, &["--set", &set, "--set", &from]].concat();
            given(&place, &[env], &args)
        };
        let shown = with(&["key", "show"]).must_exit(0);
        assert!(shown.stdout.contains(&fingerprint), "{}", shown.stdout);
        keeps_silent(&key, &shown, &place);
        let log = fs::read_to_string(place.warehouse().join("audit.ndjson")).unwrap();
        assert!(
            log.contains(&format!("\"sleutelbron\":\"{named}\"")),
            "{log}"
        );
        keeps_silent(&key, &with(&["run"]).must_exit(0), &place);
        with(&["check"]).must_exit(0);
        // Nothing there: it is said where it should be.
        let args = ["run", "--set", &set, "--set", &from];
        let answer = given(&place, &[], &args).must_exit(2);
        assert!(
            answer.stderr.contains("there is no root key in the "),
            "{}",
            answer.stderr
        );
    }
    // A wrong one is refused, and not repeated.
    let args = ["run", "--set", &set, "--set", "key.from=environment"];
    for wrong in ["geheim1234567890", "sluis-root-1:geheim", "\u{e9}"] {
        let answer = given(&place, &[("SLUIS_ROOT_KEY", wrong)], &args).must_exit(1);
        assert!(!answer.stderr.contains("geheim"), "{}", answer.stderr);
        assert!(
            answer
                .stderr
                .contains("in the variable SLUIS_ROOT_KEY is not a key"),
            "{}",
            answer.stderr
        );
    }
    mode(&credential, 0o444);
    let args = ["run", "--set", &set, "--set", "key.from=systemd"];
    let answer = given(&place, &[("CREDENTIALS_DIRECTORY", &folder)], &args).must_exit(1);
    assert!(
        answer.stderr.contains("may be read by others"),
        "{}",
        answer.stderr
    );
}

#[test]
fn settings_of_the_key_are_closed() {
    let place = Place::new();
    for (set, says) in [
        ("key.from=vault", "knows no source `vault`"),
        ("key.source=file", "unknown setting `key.source`"),
        ("key.share1=a.age", "is for shares only"),
        ("key.from=age", "`key.share1` is empty"),
    ] {
        let answer = place.sluis(&["key", "show", "--set", set]).must_exit(2);
        assert!(answer.stderr.contains(says), "{}", answer.stderr);
    }
    let inside = place.warehouse().join("een.age").display().to_string();
    let [one, two] = [
        format!("key.share1={inside}"),
        "key.share2=twee.age".to_owned(),
    ];
    let answer = place.sluis(&[
        "key",
        "show",
        "--set",
        "key.from=age",
        "--set",
        &one,
        "--set",
        &two,
    ]);
    let answer = answer.must_exit(1);
    assert!(
        answer.stderr.contains("lies inside `paths.warehouse`"),
        "{}",
        answer.stderr
    );
}

#[test]
fn in_the_environment_it_is_rotated_in_two_steps() {
    let (place, set) = place();
    let key = fs::read_to_string(place.key()).unwrap();
    fs::remove_file(place.key()).unwrap();
    let before = place.manifest();
    let with = |key: &str, args: &[&str]| {
        let args = [args, &["--set", &set, "--set", "key.from=environment"]].concat();
        given(&place, &[("SLUIS_ROOT_KEY", key)], &args)
    };
    let answer = with(&key, &["key", "rotate"]).must_exit(2);
    assert!(answer.stderr.contains("--prepare"), "{}", answer.stderr);
    let file = place.path().join("volgende.key");
    let path = file.display().to_string();
    let answer = with(&key, &["key", "rotate", "--prepare", &path]).must_exit(0);
    let next = fs::read_to_string(&file).unwrap();
    keeps_silent(&next, &answer, &place);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    with(&key, &["key", "rotate", "--prepare", &path]).must_exit(2);
    // Put in its place it does what the old one did, until it is rotated.
    with(&next, &["run"]).must_exit(0);
    assert_eq!(place.manifest(), before);
    let more = place.path().join("nog.key").display().to_string();
    let answer = with(&next, &["key", "rotate", "--prepare", &more]).must_exit(2);
    assert!(
        answer.stderr.contains("not yet switched"),
        "{}",
        answer.stderr
    );
    keeps_silent(&next, &with(&next, &["key", "rotate"]).must_exit(0), &place);
    let now = place.manifest();
    assert_eq!(
        now.key_fingerprint,
        RootKey::load(&file).unwrap().fingerprint()
    );
    assert_ne!(now.content, before.content);
    with(&next, &["run"]).must_exit(0);
    assert_eq!(place.manifest(), now);
    with(&key, &["run"]).must_exit(1);
}

fn age_is_here() -> bool {
    let asked = |program| {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    if ["age", "age-keygen"]
        .into_iter()
        .all(|p| asked(p).is_ok_and(|s| s.success()))
    {
        return true;
    }
    eprintln!("SKIPPED: no age here (Debian's `age`), so no share of a root key was opened");
    false
}

/// A new identity in a file, and its recipient.
fn identity(place: &Place, name: &str) -> (PathBuf, String) {
    let path = place.path().join(name);
    let made = Command::new("age-keygen")
        .arg("-o")
        .arg(&path)
        .output()
        .unwrap();
    assert!(made.status.success());
    mode(&path, 0o600);
    let answer = Command::new("age-keygen")
        .arg("-y")
        .arg(&path)
        .output()
        .unwrap();
    (
        path,
        String::from_utf8(answer.stdout).unwrap().trim().to_owned(),
    )
}

/// The settings of a key of two holders.
fn shares(one: &Path, two: &Path, identities: [Option<&Path>; 2]) -> Vec<String> {
    let mut sets = vec![
        "--set".to_owned(),
        "key.from=age".to_owned(),
        "--set".to_owned(),
        format!("key.share1={}", one.display()),
        "--set".to_owned(),
        format!("key.share2={}", two.display()),
    ];
    for (at, identity) in identities.into_iter().enumerate() {
        if let Some(identity) = identity {
            sets.push("--set".to_owned());
            sets.push(format!("key.identity{}={}", at + 1, identity.display()));
        }
    }
    sets
}

fn with<'a>(args: &[&'a str], sets: &'a [String]) -> Vec<&'a str> {
    args.iter()
        .copied()
        .chain(sets.iter().map(String::as_str))
        .collect()
}

#[test]
fn two_holders_are_both_needed() {
    if !age_is_here() {
        return;
    }
    let (place, set) = place();
    let key = fs::read_to_string(place.key()).unwrap();
    let before = place.manifest();
    let (fg, fg_key) = identity(&place, "fg.txt");
    let (beheer, beheer_key) = identity(&place, "beheer.txt");
    let [one, two] = [format!("fg={fg_key}"), format!("beheer={beheer_key}")];
    let folder = place.path().join("delen");
    let to = folder.display().to_string();
    let split = [
        "key", "split", "--holder", &one, "--holder", &two, "--to", &to,
    ];
    keeps_silent(&key, &place.sluis(&split).must_exit(0), &place);
    place.sluis(&split).must_exit(2);
    let [a, b] = ["fg.age", "beheer.age"].map(|name| folder.join(name));
    for path in [&a, &b] {
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let text = fs::read(path).unwrap();
        assert!(text.starts_with(b"age-encryption.org/v1"));
    }
    // Never the same person twice, never a secret identity as an argument.
    for holders in [
        [&one, &one],
        [&one, &format!("beheer={fg_key}")],
        [&one, &"x=AGE-SECRET-KEY-1X".to_owned()],
    ] {
        let args = [
            "key", "split", "--holder", holders[0], "--holder", holders[1],
        ];
        let answer = place.sluis(&args).must_exit(2);
        assert!(!answer.stderr.contains("KEY-1X"), "{}", answer.stderr);
    }
    fs::remove_file(place.key()).unwrap();
    let mut sets = shares(&a, &b, [Some(&fg), Some(&beheer)]);
    sets.extend(["--set".to_owned(), set.clone()]);
    let shown = place.sluis(&with(&["key", "show"], &sets)).must_exit(0);
    assert!(
        shown.stdout.contains(&before.key_fingerprint),
        "{}",
        shown.stdout
    );
    keeps_silent(
        &key,
        &place.sluis(&with(&["run"], &sets)).must_exit(0),
        &place,
    );
    assert_eq!(place.manifest(), before);
    let log = fs::read_to_string(place.warehouse().join("audit.ndjson")).unwrap();
    assert!(log.contains("\"sleutelbron\":\"age\""));

    refused(&place, [&a, &b], [&fg, &beheer]);

    // The next key is split as well, and never whole on the disk.
    let next = place.path().join("volgende").display().to_string();
    let args = [
        "key", "split", "--next", "--holder", &one, "--holder", &two, "--to", &next,
    ];
    place.sluis(&with(&args, &sets)).must_exit(0);
    let answer = place.sluis(&with(&["key", "rotate"], &sets)).must_exit(2);
    assert!(
        answer.stderr.contains("key split --next"),
        "{}",
        answer.stderr
    );
    let next = Path::new(&next);
    let mut sets = shares(
        &next.join("fg.age"),
        &next.join("beheer.age"),
        [Some(&fg), Some(&beheer)],
    );
    sets.extend(["--set".to_owned(), set]);
    place.sluis(&with(&["key", "rotate"], &sets)).must_exit(0);
    assert_ne!(place.manifest().key_fingerprint, before.key_fingerprint);
    place.sluis(&with(&["run"], &sets)).must_exit(0);
    assert!(!place.key().exists());
}

/// One share twice, one that its holder does not open, an identity that others read, a damaged one.
fn refused(place: &Place, [a, b]: [&Path; 2], [fg, beheer]: [&Path; 2]) {
    let show = |one: &Path, two: &Path, ids: [&Path; 2]| {
        let sets = shares(one, two, ids.map(Some));
        place.sluis(&with(&["key", "show"], &sets))
    };
    let answer = show(a, a, [fg, fg]).must_exit(1);
    assert!(
        answer.stderr.contains("of the same holder"),
        "{}",
        answer.stderr
    );
    let answer = show(a, b, [fg, fg]).must_exit(1);
    assert!(
        answer.stderr.contains("age could not open"),
        "{}",
        answer.stderr
    );
    let bad = a.with_file_name("stuk.age");
    let mut text = fs::read(b).unwrap();
    *text.last_mut().unwrap() ^= 1;
    fs::write(&bad, text).unwrap();
    show(a, &bad, [fg, beheer]).must_exit(1);
    let answer = show(a, &a.with_file_name("weg.age"), [fg, beheer]).must_exit(1);
    assert!(
        answer.stderr.contains("cannot be read"),
        "{}",
        answer.stderr
    );
    mode(beheer, 0o640);
    let answer = show(a, b, [fg, beheer]).must_exit(1);
    assert!(
        answer.stderr.contains("may be read by others (mode 0640)"),
        "{}",
        answer.stderr
    );
    mode(beheer, 0o600);
}

#[test]
fn without_the_program_it_is_said_how_to_get_it() {
    let (place, _) = place();
    let args = [
        "key",
        "split",
        "--holder",
        "fg=age1x",
        "--holder",
        "beheer=age1y",
    ];
    let answer = given(&place, &[("PATH", "/nergens")], &args).must_exit(1);
    assert!(
        answer.stderr.contains("apt install age"),
        "{}",
        answer.stderr
    );
    // An older one.
    let bin = place.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("age"), "#!/bin/sh\necho v0.9.0\n").unwrap();
    mode(&bin.join("age"), 0o755);
    let answer = given(&place, &[("PATH", &bin.display().to_string())], &args).must_exit(1);
    assert!(
        answer.stderr.contains("install age 1.0 or newer"),
        "{}",
        answer.stderr
    );
}

/// Runs the program at a terminal of its own; `None`: there is no Python to make one.
fn at_a_terminal(
    place: &Place,
    args: &[&str],
    steps: &[(&str, &str)],
    unseen: &str,
) -> Option<Value> {
    let python = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !python.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: no python3 to make a terminal, so {unseen}");
        return None;
    }
    let command = place.command(args);
    let mut run = vec![command.get_program().to_string_lossy().into_owned()];
    run.extend(command.get_args().map(|a| a.to_string_lossy().into_owned()));
    let job = json!({"run": run, "steps": steps, "env": {"TERM": "xterm"}});
    let answer = Command::new("python3")
        .args(["-c", include_str!("keyring/pty.py"), &job.to_string()])
        .current_dir(place.path())
        .output()
        .unwrap();
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    Some(serde_json::from_slice(&answer.stdout).unwrap())
}

#[test]
fn a_passphrase_is_asked_by_age_itself() {
    if !age_is_here() {
        return;
    }
    let (place, _) = place();
    let fingerprint = place.manifest().key_fingerprint;
    let (fg, fg_key) = identity(&place, "fg.txt");
    let one = format!("fg={fg_key}");
    let split = [
        "key",
        "split",
        "--holder",
        &one,
        "--holder",
        "beheer=passphrase",
    ];
    let steps = [
        ("Enter passphrase", "een lange zin\n"),
        ("Confirm passphrase", "een lange zin\n"),
    ];
    let unseen = "no passphrase was typed";
    let Some(answer) = at_a_terminal(&place, &split, &steps, unseen) else {
        return;
    };
    assert_eq!(answer["code"], 0, "{answer}");
    let folder = place.key().parent().unwrap().to_owned();
    let sets = shares(
        &folder.join("fg.age"),
        &folder.join("beheer.age"),
        [Some(&fg), None],
    );
    let show = with(&["key", "show"], &sets);
    for (typed, code) in [("een lange zin\n", 0), ("een andere zin\n", 1)] {
        let answer = at_a_terminal(&place, &show, &[("Enter passphrase", typed)], unseen).unwrap();
        assert_eq!(answer["code"], code, "{answer}");
        let out = answer["out"].as_str().unwrap();
        assert_eq!(out.contains(&fingerprint), code == 0, "{out}");
        assert!(!out.contains("zin"), "{out}");
    }
}

#[test]
fn no_core_dump_is_made_while_a_key_is_in_memory() {
    let (place, set) = place();
    let unseen = "no process with a key was killed";
    let waits = ["subject", "find", "--domain", "proef", "--set", &set];
    let Some(killed) = at_a_terminal(&place, &waits, &[("(not shown)", "\0ABRT")], unseen) else {
        return;
    };
    assert_eq!(killed["signal"], 6, "{killed}");
    assert_eq!(killed["core"], false, "{killed}");
    // Not dumpable: to the account itself the process is somebody else's.
    assert_eq!(killed["owner"], 0);
    // The same without a key does leave a core dump, where the machine makes any.
    let sql = at_a_terminal(&place, &["sql", "--set", &set], &[("> ", "\0ABRT")], unseen).unwrap();
    assert_eq!(sql["signal"], 6, "{sql}");
    if sql["core"] == false {
        eprintln!(
            "SKIPPED: this machine makes no core dumps, so that there is none with a key shows little"
        );
    }
}

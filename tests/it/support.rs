//! A place to work in: folders, a key, and the program itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with a landing folder, a warehouse and a key, which goes when it is dropped.
pub struct Place {
    folder: TempDir,
}

/// What the program answered.
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Answer {
    /// The answer as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {}\n{}", self.stdout, self.stderr))
    }

    /// The answer, which must have this exit code.
    pub fn must_exit(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }
}

impl Place {
    /// An empty place, without a key.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        fs::create_dir(place.landing()).unwrap();
        fs::set_permissions(place.landing(), fs::Permissions::from_mode(0o700)).unwrap();
        place
    }

    /// A place with a key.
    pub fn new() -> Self {
        let place = Self::bare();
        place.sluis(&["key", "new"]).must_exit(0);
        place
    }

    /// A place with a key and the demo's deliveries, not yet run.
    pub fn with_demo() -> Self {
        let place = Self::new();
        sluis::demo::write_deliveries(&place.landing(), 1).unwrap();
        place
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn landing(&self) -> PathBuf {
        self.path().join("aanlevering")
    }

    pub fn warehouse(&self) -> PathBuf {
        self.path().join("magazijn")
    }

    pub fn key(&self) -> PathBuf {
        self.path().join("sleutel/root.key")
    }

    pub fn canaries(&self) -> PathBuf {
        self.path().join("controle/kanaries.toml")
    }

    /// Where `current` points to.
    pub fn current(&self) -> Option<PathBuf> {
        fs::canonicalize(self.warehouse().join("current")).ok()
    }

    /// The manifest of the current release.
    pub fn manifest(&self) -> sluis::warehouse::manifest::Manifest {
        let release = sluis::warehouse::release::open(&self.warehouse(), None);
        release.unwrap().expect("a release").manifest
    }

    /// The program with these arguments, in this place; not started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        for (name, path) in [
            ("landing", self.landing()),
            ("warehouse", self.warehouse()),
            ("key", self.key()),
            ("canaries", self.canaries()),
        ] {
            command
                .arg("--set")
                .arg(format!("paths.{name}={}", path.display()));
        }
        command
            .args(args)
            .current_dir(self.path())
            .env("XDG_STATE_HOME", self.path().join("staat"));
        command
    }

    /// Runs the program to its end.
    pub fn sluis(&self, args: &[&str]) -> Answer {
        self.command(args).output().unwrap().into()
    }

    /// The answer to a query, as JSON rows.
    pub fn sql(&self, query: &str) -> Vec<serde_json::Value> {
        let answer = self
            .sluis(&["sql", "--format", "json", "-c", query])
            .must_exit(0);
        answer.json().as_array().cloned().unwrap_or_default()
    }

    /// Uses these contract files (path, text) instead of the built-in ones from now on: returns the
    /// argument that does so.
    pub fn contracts(&self, files: &[(&str, &str)]) -> String {
        let root = self.path().join("contracten");
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        format!("paths.contracts={}", root.display())
    }

    /// The contracts of the project, with a register by which every cell may be shown: returns the
    /// argument that uses them.
    pub fn contracts_that_hide_nothing(&self) -> String {
        fn copy(from: &Path, to: &Path) {
            fs::create_dir_all(to).unwrap();
            for entry in fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                let to = to.join(entry.file_name());
                if entry.file_type().unwrap().is_dir() {
                    copy(&entry.path(), &to);
                } else {
                    fs::copy(entry.path(), to).unwrap();
                }
            }
        }
        let (from, to) = (
            Path::new(env!("CARGO_MANIFEST_DIR")),
            self.path().join("contracten"),
        );
        for folder in ["schemas", "pipelines"] {
            copy(&from.join(folder), &to.join(folder));
        }
        let register = fs::read_to_string(from.join("config/dpia.toml")).unwrap();
        let open = register.replace("smallest_cell = 10", "smallest_cell = 1");
        assert_ne!(open, register);
        fs::create_dir_all(to.join("config")).unwrap();
        fs::write(to.join("config/dpia.toml"), open).unwrap();
        format!("paths.contracts={}", to.display())
    }

    /// Puts a delivery into the landing folder, long enough ago to be at rest.
    pub fn deliver(&self, source: &str, name: &str, content: &[u8]) -> PathBuf {
        let folder = self.landing().join(source);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let yesterday = std::time::SystemTime::now() - std::time::Duration::from_hours(24);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(yesterday)
            .unwrap();
        path
    }

    /// Puts a `.sha256` beside a delivery.
    #[expect(clippy::unused_self, reason = "reads like its other deeds")]
    pub fn vouch(&self, path: &Path) {
        use sha2::Digest;
        let digest = sluis::hex::encode(&sha2::Sha256::digest(fs::read(path).unwrap()));
        let name = path.file_name().unwrap().to_string_lossy();
        fs::write(
            path.with_file_name(format!("{name}.sha256")),
            format!("{digest}  {name}\n"),
        )
        .unwrap();
    }
}

/// Python with DuckDB: the one that `SLUIS_TEST_PYTHON` names, or else `python3`. Without it, a word that
/// `unseen` did not happen.
pub fn python_with_duckdb(unseen: &str) -> Option<String> {
    let python = std::env::var("SLUIS_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imported = Command::new(&python)
        .args(["-c", "import duckdb"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if imported.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    eprintln!("SKIPPED: no Python with DuckDB (SLUIS_TEST_PYTHON names one), so {unseen}");
    None
}

/// How many moments a campaign of interruptions takes: `SLUIS_KILL_MOMENTS`, or else these.
pub fn moments(usual: u32) -> u32 {
    let wanted = std::env::var("SLUIS_KILL_MOMENTS").ok();
    wanted.and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Copies a folder with its links and permissions.
pub fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}

/// Kills the program `after` some time, and says whether it was still going.
pub fn kill(mut child: std::process::Child, after: std::time::Duration) -> bool {
    std::thread::sleep(after);
    let going = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    going
}

/// What lies in the staging folder.
pub fn staged(place: &Place) -> usize {
    fs::read_dir(place.warehouse().join("staging"))
        .unwrap()
        .count()
}

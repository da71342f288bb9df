//! An S3 server that others made, moto, with TLS and with keys that it checks. It runs in the Python
//! that `SLUIS_TEST_PYTHON` names, or else `python3`; where moto is missing the tests say so and do
//! nothing.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use serde_json::{Value, json};

use super::tls::Authority;

/// Serves until its input ends. A line of input changes what lies there, past the server.
const SCRIPT: &str = r#"
import json, sys, threading
import moto.settings
moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

account = "123456789012"
store, users = s3_backends[account]["aws"], iam_backends[account]["aws"]
users.create_user("eu-central-1", "sluis")
statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
users.put_user_policy("sluis", "alles", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
key = users.create_access_key("sluis")
app = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler, ssl_context=tuple(sys.argv[1:3]))
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"port": server.port, "id": key.access_key_id, "secret": key.secret_access_key}), flush=True)
for line in sys.stdin:
    told = json.loads(line)
    bucket = told["bucket"]
    if bucket not in store.buckets:
        store.create_bucket(bucket, "eu-central-1")
    for name, text in told.get("put", {}).items():
        store.put_object(bucket, name, text.encode())
    for name, path in told.get("files", {}).items():
        with open(path, "rb") as file:
            store.put_object(bucket, name, file.read())
    for name in told.get("delete", []):
        store.delete_object(bucket, name)
    print("{}", flush=True)
"#;

/// The server; it ends when this process does.
pub struct Moto {
    pub port: u16,
    /// `KEYID:SECRET`.
    pub key: String,
    pub ca: PathBuf,
    pipe: Mutex<Pipe>,
}

struct Pipe {
    input: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

static MOTO: LazyLock<Option<Moto>> = LazyLock::new(start);

/// The one server of all tests, or a word why there is none.
pub fn moto() -> Option<&'static Moto> {
    if MOTO.is_none() {
        eprintln!(
            "SKIPPED: no Python with moto[server] (SLUIS_TEST_PYTHON names one), so no S3 server was asked"
        );
    }
    MOTO.as_ref()
}

fn start() -> Option<Moto> {
    let python = std::env::var("SLUIS_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imported = Command::new(&python)
        .args(["-c", "import moto.moto_server.werkzeug_app"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !imported.is_ok_and(|status| status.success()) {
        return None;
    }
    // Lives as long as the server does, which nobody drops: among what is built.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let authority = Authority::new();
    let (certificate, key) = authority.identity(&["127.0.0.1"]).files(folder.path());
    let mut process = Command::new(python)
        .args(["-c", SCRIPT])
        .args([certificate, key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let input = process.stdin.take().unwrap();
    let mut answers = BufReader::new(process.stdout.take().unwrap()).lines();
    let ready = answers.next().expect("moto does not start").unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let text = |name: &str| ready[name].as_str().unwrap().to_owned();
    Some(Moto {
        port: ready["port"].as_u64().unwrap().try_into().unwrap(),
        key: format!("{}:{}", text("id"), text("secret")),
        ca: authority.file(&folder.keep()),
        pipe: Mutex::new(Pipe {
            input,
            answers,
            _process: process,
        }),
    })
}

impl Moto {
    /// Puts objects into a bucket, which is made when it is not there.
    pub fn put(&self, bucket: &str, objects: &[(&str, &str)]) {
        let objects: serde_json::Map<String, Value> = objects
            .iter()
            .map(|&(name, text)| (name.to_owned(), json!(text)))
            .collect();
        self.tell(&json!({"bucket": bucket, "put": objects}));
    }

    /// Puts files into a bucket, under their names.
    pub fn put_files(&self, bucket: &str, files: &[PathBuf]) {
        let files: serde_json::Map<String, Value> = files
            .iter()
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, json!(path))
            })
            .collect();
        self.tell(&json!({"bucket": bucket, "files": files}));
    }

    /// Takes an object away.
    pub fn delete(&self, bucket: &str, name: &str) {
        self.tell(&json!({"bucket": bucket, "delete": [name]}));
    }

    fn tell(&self, what: &Value) {
        let mut pipe = self.pipe.lock().unwrap();
        writeln!(pipe.input, "{what}").unwrap();
        pipe.answers.next().expect("moto ended").unwrap();
    }
}

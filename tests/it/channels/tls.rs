//! HTTPS servers of the tests' own, on loopback: with an authority of their own, and with manners that
//! real servers have on bad days.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate with its key.
pub struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, "Proefgezag");
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Its own certificate, in a file.
    pub fn file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("gezag.pem");
        fs::write(&path, &self.pem).unwrap();
        path
    }

    /// A certificate for these names or addresses.
    pub fn identity(&self, names: &[&str]) -> Identity {
        self.signs(names, |_| ())
    }

    /// A certificate whose time is over.
    pub fn expired(&self, names: &[&str]) -> Identity {
        self.signs(names, |params| {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        })
    }

    fn signs(&self, names: &[&str], change: impl Fn(&mut CertificateParams)) -> Identity {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate, key }
    }
}

impl Identity {
    /// Certificate and key in files, for servers that are not ours.
    pub fn files(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
        fs::write(&certificate, self.certificate.pem()).unwrap();
        fs::write(&key, self.key.serialize_pem()).unwrap();
        (certificate, key)
    }

    fn config(&self) -> Arc<ServerConfig> {
        let chain: Vec<CertificateDer<'static>> = vec![self.certificate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let config = builder.with_no_client_auth().with_single_cert(chain, key);
        Arc::new(config.unwrap())
    }
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The path with what stands behind it.
    pub path: String,
    /// The headers, by name in small letters.
    pub headers: BTreeMap<String, String>,
}

impl Request {
    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A parameter of the path, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let url = sluis::settings::endpoint::Url::parse("https://x").unwrap();
        let url = url.join(&self.path).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }
}

/// An answer.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub manner: Manner,
}

/// How an answer is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Whole.
    Whole,
    /// Its length is not told, and its end is that the connection is closed as it should be.
    Unmeasured,
    /// The connection breaks after so many bytes of the body; the length is not told.
    UnmeasuredCut(usize),
    /// The connection breaks after so many bytes of the body.
    Cut(usize),
    /// A byte, and a little later another one.
    Trickle,
    /// Nothing comes.
    Silent,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            manner: Manner::Whole,
        }
    }

    pub fn json(body: &serde_json::Value) -> Self {
        Self::new(200, body.to_string()).header("content-type", "application/json")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn manner(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }

    fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        write!(stream, "HTTP/1.1 {} Whatever\r\n", self.status)?;
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        if !matches!(self.manner, Manner::Unmeasured | Manner::UnmeasuredCut(_)) {
            write!(stream, "content-length: {}\r\n", self.body.len())?;
        }
        stream.write_all(b"connection: close\r\n\r\n")?;
        match self.manner {
            Manner::Whole | Manner::Unmeasured => stream.write_all(&self.body)?,
            Manner::Cut(bytes) | Manner::UnmeasuredCut(bytes) => {
                stream.write_all(&self.body[..bytes])?;
            }
            Manner::Trickle | Manner::Silent => {}
        }
        stream.flush()
    }
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server, which stops when it is dropped.
pub struct Server {
    pub port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    listens: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(
        identity: &Identity,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (config, handler): (_, Arc<Handler>) = (identity.config(), Arc::new(handler));
        let (log, stopped) = (Arc::clone(&asked), Arc::clone(&stop));
        let listens = thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (config, handler) = (Arc::clone(&config), Arc::clone(&handler));
                let log = Arc::clone(&log);
                // What goes wrong here is what the client sees.
                thread::spawn(move || serve(stream, config, &*handler, &log).ok());
            }
        });
        Self {
            port,
            asked,
            stop,
            listens: Some(listens),
        }
    }

    /// What was asked until now.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// The address of a path here.
    pub fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(listens) = self.listens.take() {
            let _ = listens.join();
        }
    }
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    handler: &Handler,
    log: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    let request = read(&mut reader)?;
    log.lock().unwrap().push(request.clone());
    let reply = handler(&request);
    let mut stream = reader.into_inner();
    reply.write(&mut stream)?;
    match reply.manner {
        Manner::Cut(_) | Manner::UnmeasuredCut(_) => return stream.sock.shutdown(Shutdown::Both),
        Manner::Trickle => trickle(&mut stream)?,
        Manner::Silent => await_end(&mut stream),
        Manner::Whole | Manner::Unmeasured => {}
    }
    stream.conn.send_close_notify();
    stream.conn.complete_io(&mut stream.sock)?;
    stream.sock.shutdown(Shutdown::Write)
}

fn read(reader: &mut impl BufRead) -> io::Result<Request> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None => return Ok(Request { path, headers }),
        };
    }
}

/// A byte at a time, until the client hangs up.
fn trickle(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> io::Result<()> {
    let pause = Duration::from_millis(10);
    stream.sock.set_read_timeout(Some(pause))?;
    loop {
        stream.write_all(b" ")?;
        stream.flush()?;
        // Waits for the client to hang up, for as long as the pause lasts.
        if matches!(stream.sock.peek(&mut [0]), Ok(0)) {
            return Ok(());
        }
    }
}

/// Waits until the client hangs up.
fn await_end(stream: &mut StreamOwned<ServerConnection, TcpStream>) {
    let _ = stream.read(&mut [0]);
}

/// Passes bytes on to another server; breaks the first connections after so many bytes of what comes
/// back.
pub struct Proxy {
    pub port: u16,
    broken: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Proxy {
    /// Breaks the first `cuts` connections that have given `bytes` bytes.
    pub fn start(to: u16, bytes: u64, cuts: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = Arc::new(AtomicBool::new(false));
        let broken = Arc::new(AtomicUsize::new(0));
        let (stopped, cut) = (Arc::clone(&stop), Arc::clone(&broken));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(here), Ok(there)) = (stream, TcpStream::connect(("127.0.0.1", to))) else {
                    continue;
                };
                let cut = Arc::clone(&cut);
                thread::spawn(move || pass(&here, &there, bytes, cuts, &cut));
            }
        });
        Self { port, broken, stop }
    }

    /// How many connections it broke.
    pub fn broken(&self) -> usize {
        self.broken.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn pass(here: &TcpStream, there: &TcpStream, bytes: u64, cuts: usize, cut: &AtomicUsize) {
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = io::copy(&mut &*here, &mut &*there);
            let _ = there.shutdown(Shutdown::Write);
        });
        let breaks = cut.load(Ordering::SeqCst) < cuts;
        let most = if breaks { bytes } else { u64::MAX };
        let passed = io::copy(&mut Read::take(there, most), &mut &*here);
        if breaks && passed.is_ok_and(|passed| passed == bytes) {
            cut.fetch_add(1, Ordering::SeqCst);
        }
        let _ = here.shutdown(Shutdown::Both);
        let _ = there.shutdown(Shutdown::Both);
    });
}

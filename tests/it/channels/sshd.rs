//! A real OpenSSH server for a test: its own host key, its own users' keys, and a door in front of it
//! that breaks connections as networks do.
//!
//! It needs Debian's `openssh-server`. Where that is missing the tests say so and do nothing.

use std::collections::VecDeque;
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";

/// What the door does with one connection. Bytes are those that the server sends.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Lets everything through.
    None,
    /// Breaks the connection after so many bytes.
    CutAfter(usize),
    /// Kills the server after so many bytes.
    KillAfter(usize),
    /// Lets nothing more through after so many bytes, and leaves the connection open.
    SilentAfter(usize),
}

#[derive(Default)]
struct Door {
    faults: Mutex<VecDeque<Fault>>,
    /// Bytes that the server sent, by connection.
    sent: Mutex<Vec<usize>>,
    closed: AtomicBool,
}

/// The server. It ends when it is dropped.
pub struct Sshd {
    folder: TempDir,
    port: u16,
    door: Arc<Door>,
    listening: Option<JoinHandle<()>>,
}

impl Sshd {
    /// A server, or a word why there is none.
    pub fn start() -> Option<Self> {
        if !Path::new(SSHD).exists() {
            eprintln!("SKIPPED: no {SSHD} (Debian's openssh-server), so no real server was asked");
            return None;
        }
        // What the package makes at boot; without it the server refuses to start for root.
        let _ = fs::create_dir("/run/sshd");
        let folder = tempfile::tempdir().unwrap();
        private(folder.path(), 0o700);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let door = Arc::new(Door::default());
        let mut sshd = Self {
            folder,
            port,
            door: Arc::clone(&door),
            listening: None,
        };
        for name in ["host", "other-host", "user", "stranger"] {
            sshd.keygen(name, &["-t", "ed25519", "-N", ""]);
        }
        sshd.keygen("locked", &["-t", "ed25519", "-N", "geheim"]);
        fs::copy(sshd.path("user.pub"), sshd.path("authorized")).unwrap();
        fs::create_dir(sshd.files()).unwrap();
        let config = sshd.path("config");
        fs::write(&config, sshd.config()).unwrap();
        sshd.listening = Some(std::thread::spawn(move || {
            for client in listener.incoming() {
                if door.closed.load(Ordering::Relaxed) {
                    return;
                }
                let (door, config) = (Arc::clone(&door), config.clone());
                std::thread::spawn(move || serve(&door, &config, &client.unwrap()));
            }
        }));
        Some(sshd)
    }

    fn config(&self) -> String {
        format!(
            "HostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
             Subsystem sftp internal-sftp\nForceCommand internal-sftp\nLogLevel QUIET\n",
            self.path("host").display(),
            self.path("authorized").display(),
        )
    }

    /// Makes a key pair.
    pub fn keygen(&self, name: &str, args: &[&str]) {
        let made = Command::new("ssh-keygen")
            .args(args)
            .args(["-q", "-C", "", "-f"])
            .arg(self.path(name))
            .status();
        assert!(made.unwrap().success());
    }

    /// A file of its own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder that it serves.
    pub fn files(&self) -> PathBuf {
        self.path("uit")
    }

    /// Its address, with the folder.
    pub fn url(&self) -> String {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let user = String::from_utf8(user).unwrap();
        format!(
            "sftp://{}@127.0.0.1:{}{}",
            user.trim(),
            self.port,
            self.files().display()
        )
    }

    /// A file of known hosts that knows this server by the key of that name, with its name hashed or not.
    pub fn known_hosts(&self, key: &str, hashed: bool) -> PathBuf {
        let key = fs::read_to_string(self.path(&format!("{key}.pub"))).unwrap();
        let file = self.path("known_hosts");
        fs::write(&file, format!("[127.0.0.1]:{} {key}", self.port)).unwrap();
        if hashed {
            let hashed = Command::new("ssh-keygen")
                .args(["-q", "-H", "-f"])
                .arg(&file)
                .output();
            assert!(hashed.unwrap().status.success());
            assert!(fs::read_to_string(&file).unwrap().starts_with("|1|"));
        }
        file
    }

    /// A folder of credentials in which `partner` is the private key of that name.
    pub fn credentials(&self, key: &str) -> PathBuf {
        let folder = self.path("inloggegevens");
        fs::create_dir_all(&folder).unwrap();
        private(&folder, 0o700);
        fs::copy(self.path(key), folder.join("partner")).unwrap();
        private(&folder.join("partner"), 0o600);
        folder
    }

    /// The arguments of `--set` by which `source` is fetched from this server.
    pub fn sets(&self, source: &str) -> Vec<String> {
        let known = self.known_hosts("host", true);
        let credentials = self.credentials("user");
        vec![
            format!("endpoint.{source}.url={}", self.url()),
            format!("endpoint.{source}.credential=partner"),
            format!("endpoint.{source}.known_hosts={}", known.display()),
            format!("paths.credentials={}", credentials.display()),
        ]
    }

    /// Puts a file down that was there for a while.
    pub fn has(&self, name: &str, bytes: &[u8]) {
        let path = self.files().join(name);
        fs::write(&path, bytes).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        let before = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
        file.set_modified(before).unwrap();
    }

    /// What the door does with the next connections.
    pub fn spoil(&self, faults: &[Fault]) {
        self.door.faults.lock().unwrap().extend(faults);
    }

    /// Bytes that were sent on each connection so far.
    pub fn sent(&self) -> Vec<usize> {
        self.door.sent.lock().unwrap().clone()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.door.closed.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn private(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// One connection: a server of its own behind the door, which counts and spoils what it sends.
fn serve(door: &Door, config: &Path, client: &TcpStream) {
    let fault = door
        .faults
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or(Fault::None);
    let at = {
        let mut sent = door.sent.lock().unwrap();
        sent.push(0);
        sent.len() - 1
    };
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut server = start(config, theirs);
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), ours.try_clone().unwrap());
    let asking = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let let_through = |bytes: usize| door.sent.lock().unwrap()[at] += bytes;
    pass(fault, ours, client, &mut server, let_through);
    let _ = client.shutdown(Shutdown::Both);
    let _ = asking.join();
    let _ = server.kill();
    let _ = server.wait();
}

/// Passes on what the server sends.
fn pass(
    fault: Fault,
    mut from: UnixStream,
    mut to: &TcpStream,
    server: &mut Child,
    mut let_through: impl FnMut(usize),
) {
    let most = match fault {
        Fault::None => usize::MAX,
        Fault::CutAfter(most) | Fault::KillAfter(most) | Fault::SilentAfter(most) => most,
    };
    let mut buffer = [0; 8192];
    let mut sent = 0;
    loop {
        let got = from.read(&mut buffer).unwrap_or(0);
        if got == 0 {
            return;
        }
        let good = got.min(most - sent);
        if to.write_all(&buffer[..good]).is_err() {
            return;
        }
        sent += good;
        let_through(good);
        if sent < most {
            continue;
        }
        match fault {
            Fault::None | Fault::CutAfter(_) => return,
            Fault::KillAfter(_) => {
                let _ = server.kill();
                return;
            }
            // Until the other side has had enough of it.
            Fault::SilentAfter(_) => while from.read(&mut buffer).is_ok_and(|got| got > 0) {},
        }
    }
}

fn start(config: &Path, socket: UnixStream) -> Child {
    let input = Stdio::from(OwnedFd::from(socket.try_clone().unwrap()));
    let output = Stdio::from(OwnedFd::from(socket));
    Command::new(SSHD)
        .arg("-i")
        .arg("-f")
        .arg(config)
        .stdin(input)
        .stdout(output)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

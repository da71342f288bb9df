//! The prompt at which an identifier is typed: nothing of it is ever on the screen. With a terminal of its
//! own, which Python makes.

use std::process::Command;

use crate::nights::Nights;
use crate::small::{Small, rows};

/// Types `keys` once the program asks, in a terminal of its own; then prints the exit code and, in
/// hexadecimal, all that the terminal showed.
const TERMINAL: &str = r#"
import os, pty, sys
keys, command = bytes.fromhex(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(command[0], command)
shown, typed = b"", False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if not typed and b": " in shown:
        typed = True
        os.write(terminal, keys)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status), shown.hex())
"#;

/// What was shown, and the exit code; `None` without Python.
fn typed(nights: &Nights, set: &str, keys: &[u8]) -> Option<(String, i32)> {
    let args = ["subject", "find", "--domain", "proef", "--set", set];
    let program = nights.place.command(&args);
    let mut python = Command::new("python3");
    python
        .args(["-c", TERMINAL, &sluis::hex::encode(keys)])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(nights.place.path());
    for (name, value) in program.get_envs() {
        python.env(name, value.unwrap_or_default());
    }
    let Ok(answer) = python.output() else {
        eprintln!("SKIPPED: no python3, so nothing was typed at a terminal");
        return None;
    };
    let text = String::from_utf8(answer.stdout).unwrap();
    let problem = String::from_utf8_lossy(&answer.stderr);
    let (code, shown) = text
        .trim()
        .split_once(' ')
        .unwrap_or_else(|| panic!("{text}{problem}"));
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let shown: Vec<u8> = shown.as_bytes().chunks(2).map(byte).collect();
    Some((
        String::from_utf8_lossy(&shown).into_owned(),
        code.parse().unwrap(),
    ))
}

#[test]
fn what_is_typed_is_never_shown() {
    let mut nights = Nights::new(&Small::new());
    nights.deliver("proef", "20240101", &rows(0..5));
    nights.run();
    let set = Small::new().at(&nights.place);
    // An identifier that is there, one that is corrected, and one that nobody has.
    for (keys, shows) in [
        (&b"C-00003\r"[..], "proef"),
        (b"C-00009\x7f3\r", "proef"),
        (b"7482915\r", ""),
    ] {
        let Some((screen, code)) = typed(&nights, &set, keys) else {
            return;
        };
        assert_eq!(code, 0, "{screen}");
        assert!(screen.contains("**") && screen.contains(shows), "{screen}");
        let digits = String::from_utf8_lossy(keys);
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        for part in digits.as_bytes().windows(4) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!screen.contains(part), "{part} is on the screen: {screen}");
        }
    }
    // Given up, and nothing typed: an end that says so, and nothing is logged of nobody.
    for keys in [&b"\x03"[..], b"C-0\x03", b"\x04", b"\r", b"   \r"] {
        let Some((screen, code)) = typed(&nights, &set, keys) else {
            return;
        };
        assert_eq!(code, 2, "{screen}");
        assert!(
            screen.contains("nothing was typed") && screen.contains("nothing was done"),
            "{screen}"
        );
    }
}

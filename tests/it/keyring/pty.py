# Runs a program at a terminal of its own: argv[1] is JSON with `run`, `steps` (what to wait for and what to
# type then; "\0ABRT" sends that signal) and `env`. Answers with JSON: `out`, `code`, `signal`, `core`, `owner`.
import json, os, pty, resource, select, signal, sys, termios, time

job = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.environ.update(job["env"])
    os.execvp(job["run"][0], job["run"])
out, seen, owner = "", 0, None
steps = list(job["steps"])

def unseen():
    """Waits until what is typed is not shown: a prompt stands there a moment before that."""
    until = time.monotonic() + 30
    while termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < until:
        time.sleep(0.01)

def act():
    global seen, owner
    while steps:
        at = out.find(steps[0][0], seen)
        if at < 0:
            return
        seen = at + len(steps[0][0])
        typed = steps.pop(0)[1]
        if typed == "\0ABRT":
            owner = os.stat(f"/proc/{pid}/environ").st_uid
            os.kill(pid, signal.SIGABRT)
        else:
            unseen()
            os.write(terminal, typed.encode())

while True:
    act()
    ready, _, _ = select.select([terminal], [], [], 60)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    out += piece.decode(errors="replace")
_, status = os.waitpid(pid, 0)
print(json.dumps({
    "out": out,
    "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
    "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
    "core": os.WCOREDUMP(status),
    "owner": owner,
}))

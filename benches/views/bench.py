#!/usr/bin/env python3
"""Every view of the monitor over fifty million hulpvragen, beside DuckDB on the same SQL and files.

    cargo build --release --locked --bins --examples
    python3 -m venv venv && venv/bin/pip install duckdb==2.0.0 numpy pyarrow
    venv/bin/python benches/views/bench.py

The first time this makes the deliveries and runs `sluis run` over them, a year at a time; they are
thrown away as soon as they are in the warehouse (benches/views/work, in no commit), which stays. Then it
asks each view of ours and of DuckDB in turn, and prints a table: medians, CPU seconds and peak memory,
and DuckDB's time divided by ours, round by round, so that a drifting machine cancels out. It fails when
the figures differ.
"""

import argparse
import csv
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import duckdb

import duck

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
YEARS = range(2020, 2025)
DELIVERED = 1_736_899_200  # 15 January 2025
TICK = os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000_000, help="hulpvragen in the warehouse")
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count, after one that warms up")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=int, default=512, help="MiB that a query of ours may hold")
    parser.add_argument("--views", help="only these, with commas between them")
    parser.add_argument("--binaries", type=Path, default=TOP / "target" / "release")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="where the warehouse is made and kept")
    options = parser.parse_args()
    warehouse = Dataset(options).warehouse
    views = duck.views(TOP / "schemas" / "monitor")
    chosen = options.views.split(",") if options.views else sorted(views)

    ours = Worker(
        "sluis", [options.binaries / "examples" / "views", warehouse, options.threads, options.memory, TOP]
    )
    theirs = Worker("DuckDB", [sys.executable, HERE / "duck.py", warehouse / "current", options.threads])
    print_heading(options)
    wrong = False
    for view in chosen:
        result = measure(ours, theirs, view, options.rounds)
        wrong |= bool(result["wrong"])
        print(line(view, result), flush=True)
        for fault in result["wrong"][:5]:
            print(f"    {fault}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


# ---- the warehouse ----


class Dataset:
    """Makes the warehouse, unless it is there. What is done stays done when this is broken off."""

    def __init__(self, options):
        self.rows, self.work, self.people = options.rows, options.work, None
        self.sluis = options.binaries / "sluis"
        self.landing, self.warehouse = self.work / "landing", self.work / "warehouse"
        done = self.work / "dataset.json"
        state = json.loads(done.read_text()) if done.exists() else {"rows": self.rows, "steps": []}
        if state["rows"] != self.rows:
            sys.exit(f"{self.work} holds a warehouse of {state['rows']} rows: remove it, or ask for as many")
        # The scores find their wijk in one year of wot-casus; all years together would be a large join.
        steps = [("key", None), ("demo", None), ("wot-casus", 2020), ("zrm", None), ("parnassia", None)]
        steps += [("stroomopwaarts", year) for year in YEARS]
        steps += [("wot-casus", year) for year in YEARS if year != 2020]
        for source, year in steps:
            if [source, year] not in state["steps"]:
                self.step(source, year)
                state["steps"].append([source, year])
                done.write_text(json.dumps(state))

    def step(self, source, year):
        if source == "key":
            self.landing.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.command("key", "new")
        elif source == "demo":
            self.demo()
        else:
            self.deliver(source, year)

    def demo(self):
        """The deliveries of `sluis demo`, of all sources that are not made here."""
        folder = self.work / "demo"
        self.command("demo", "--quiet", "--folder", folder)
        for source in (folder / "aanlevering").iterdir():
            if source.name not in ("wot-casus", "zrm", "stroomopwaarts", "parnassia"):
                shutil.copytree(source, self.landing / source.name, dirs_exist_ok=True)
        shutil.rmtree(folder)
        # Exit code 3: deliveries were refused, which the demo has on purpose.
        self.command("run", "--no-pull", accept=(0, 3))

    def deliver(self, source, year):
        import generate

        print(f"making {source} {year or ''}", file=sys.stderr)
        people = self.people = self.people or generate.People(self.rows * 24 // 100)
        folder = self.landing / source
        folder.mkdir(mode=0o700, exist_ok=True)
        # Parnassia's contract ended in 2023.
        part, day = f"{year}_" if year else "", "20230115" if source == "parnassia" else "20250115"
        path = folder / f"{source}_{part}{day}.csv"
        if source == "wot-casus":
            generate.hulpvragen(people, year, self.rows // len(YEARS), path)
        elif source == "zrm":
            # Thirteen domains, measured twice.
            generate.scores(people, self.rows // 5 // 26, path)
        elif source == "stroomopwaarts":
            generate.schuldhulp(people, year, self.rows * 8 // 100 // len(YEARS), path)
        else:
            generate.begeleiding(people, self.rows * 2 // 100, path)
        # A file that was just written may still be growing, and would be left for the next night.
        os.utime(path, (DELIVERED, DELIVERED))
        self.command("run", "--no-pull", source)
        shutil.rmtree(folder)

    def command(self, *words, accept=(0,)):
        settings = {
            "paths.landing": self.landing,
            "paths.warehouse": self.warehouse,
            "paths.key": self.work / "key" / "root.key",
            # Ten million hulpvragen in one delivery: the mapping that sorts them needs more than the default.
            "run.mapping_mib": 4096,
            "run.keep_releases": 1,
        }
        words = [self.sluis, *words] + [w for k, v in settings.items() for w in ("--set", f"{k}={v}")]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode not in accept:
            sys.exit(f"{' '.join(map(str, words))} failed ({done.returncode}):\n{done.stdout[-2000:]}")


# ---- measuring ----


class Worker:
    """A process that answers views: a line in, a line of JSON out."""

    def __init__(self, name, words):
        self.name = name
        self.process = subprocess.Popen(
            [str(w) for w in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question):
        proc = Path("/proc") / str(self.process.pid)
        proc.joinpath("clear_refs").write_text("5")  # forgets the peak
        before = cpu(proc)
        print(question, file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline() or "null")
        if answer is None:
            sys.exit(f"{self.name} stopped at {question}")
        answer["cpu"] = cpu(proc) - before
        peak = next(l for l in proc.joinpath("status").read_text().splitlines() if l.startswith("VmHWM"))
        answer["mib"] = int(peak.split()[1]) / 1024
        return answer


def cpu(proc):
    fields = proc.joinpath("stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def measure(ours, theirs, view, rounds):
    """Both in turn; the first round warms the page cache, and its answers are compared."""
    first = [worker.ask(f"{view} check") for worker in (ours, theirs)]
    errors = [f"{w.name}: {a['error']}" for w, a in zip((ours, theirs), first) if "error" in a]
    result = {"wrong": errors or differences(*(table(a["csv"]) for a in first))}
    seen = [], []
    for _ in range(0 if errors else rounds):
        seen[0].append(ours.ask(view))
        seen[1].append(theirs.ask(view))
    if not errors:
        result["ratios"] = sorted(b["seconds"] / a["seconds"] for a, b in zip(*seen))
        result["sides"] = [
            {key: statistics.median(a[key] for a in side) for key in ("seconds", "cpu", "mib")} for side in seen
        ]
    return result


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def differences(ours, theirs):
    """What the answers say differently. A column that only one has (what the monitor adds, or takes out)
    does not count, nor does a cell that the monitor hides."""
    if len(ours) != len(theirs):
        return [f"{len(ours)} rows against {len(theirs)}"]
    if not ours:
        return []
    shared = [column for column in ours[0] if column in theirs[0]]
    hidden = lambda row: bool(row.get("onderdrukt"))
    labels = [c for c in shared if not any(hidden(row) and row[c] == "" for row in ours)]
    key = lambda row: [plain(row[c]) for c in labels]
    faults = []
    for a, b in zip(sorted(ours, key=key), sorted(theirs, key=key)):
        for column in shared:
            if plain(a[column]) != plain(b[column]) and not (hidden(a) and a[column] == ""):
                faults.append(f"{column} is {a[column]!r} against {b[column]!r} in {b}")
    return faults


def plain(cell):
    try:
        return f"{float(cell):.6f}"
    except ValueError:
        return cell.lower()


# ---- the table ----


def print_heading(options):
    print(
        f"sluis and DuckDB {duckdb.__version__}, {options.threads} threads each; {options.rounds} rounds in turn "
        "after one that warms up; medians.\n"
    )
    print("| view | sluis | DuckDB | DuckDB / sluis | CPU sluis | CPU DuckDB | peak sluis | peak DuckDB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")


def line(view, result):
    if "sides" not in result:
        return f"| {view} | failed | | | | | | |"
    a, b = result["sides"]
    ratios = result["ratios"]
    cells = [
        view + (" (figures differ)" if result["wrong"] else ""),
        *(f"{side['seconds']:.3f} s" for side in (a, b)),
        f"x{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})",
        *(f"{side['cpu']:.2f} s" for side in (a, b)),
        *(f"{side['mib']:.0f} MiB" for side in (a, b)),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

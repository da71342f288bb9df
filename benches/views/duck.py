"""DuckDB's half of the benchmark of the views: the views' own SQL, over the same files.

    python3 benches/views/duck.py RELEASE THREADS

reads the name of a view from each line of standard input, and answers as ours.rs does.
"""

import csv
import io
import json
import re
import sys
import time
from pathlib import Path

import duckdb

SCHEMAS = Path(__file__).resolve().parent.parent.parent / "schemas" / "monitor"


def views(folder):
    """The SQL of every view, by name."""
    return {path.stem: path.read_text() for path in folder.glob("*.sql")}


def connect(release, threads):
    """The tables of a release as views over their files, and the views over those."""
    db = duckdb.connect(config={"threads": threads})
    db.execute("CREATE SCHEMA magazijn")
    db.execute("CREATE SCHEMA monitor")
    db.execute("CREATE MACRO clienten(x) AS least(count(DISTINCT x), 100)")
    for folder in release.iterdir():
        if folder.is_dir() and not folder.name.startswith("_"):
            files = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
            db.execute(f"CREATE VIEW magazijn.{folder.name} AS SELECT * FROM {files}")
    waiting = views(SCHEMAS)
    while waiting:
        # A view comes after the views that it reads.
        ready = [
            name
            for name, sql in waiting.items()
            if not any(re.search(rf"\bmonitor\.{other}\b", sql) for other in waiting if other != name)
        ]
        for name in ready:
            db.execute(f"CREATE VIEW monitor.{name} AS {waiting.pop(name)}")
    return db


def main():
    db = connect(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
    for line in sys.stdin:
        view, _, check = line.strip().partition(" ")
        started = time.perf_counter()
        try:
            answer = db.execute(f"SELECT * FROM monitor.{view}")
            columns = [column[0] for column in answer.description]
            rows = answer.fetchall()
            result = {"seconds": time.perf_counter() - started}
            if check:
                result["csv"] = as_csv(columns, rows)
        except duckdb.Error as error:
            result = {"seconds": time.perf_counter() - started, "error": str(error)}
        print(json.dumps(result), flush=True)


def as_csv(columns, rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


if __name__ == "__main__":
    main()

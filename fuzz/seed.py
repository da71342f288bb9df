#!/usr/bin/env python3
"""First inputs for the fuzz targets: the beginnings of the demo's deliveries.

    cargo run --release -- demo && python3 fuzz/seed.py sluis-demo/aanlevering

writes fuzz/corpus/TARGET/NAME. Parts of a package stand behind each other with a NUL byte between them,
as fuzz/harness.rs unpacks them.
"""

import json
import re
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
WORKBOOK = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
    "_rels/.rels",
]


def keep(target, name, content):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def lines(path, count):
    return b"".join(path.read_bytes().splitlines(keepends=True)[:count])


def workbook(path):
    with zipfile.ZipFile(path) as book:
        parts = [book.read(name) if name in book.namelist() else b"" for name in WORKBOOK]
    rows = re.findall(rb"<row .*?</row>", parts[0], re.S)
    for row in rows[6:]:
        parts[0] = parts[0].replace(row, b"")
    return b"\0".join(parts)


def messages(path):
    with zipfile.ZipFile(path) as archive:
        texts = [archive.read(name) for name in archive.namelist()]
    return sorted(texts, key=len)[:12]


def fixed(path):
    found = path.read_bytes().splitlines(keepends=True)
    body = found[1:9]
    count = lambda code: sum(line.startswith(code) for line in body)
    trailer = b"99%06d%06d%06d%06d" % (len(body) + 2, count(b"02"), count(b"07"), count(b"06"))
    return found[0] + b"".join(body) + trailer.ljust(180) + b"\r\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    landing = Path(sys.argv[1])
    for path in landing.glob("wot-casus/*.csv"):
        keep("csv", path.name, lines(path, 6))
    for path in landing.glob("mevis-jeugd/*.xlsx"):
        keep("xlsx", path.name, workbook(path))
        keep("xlsx", path.name + ".zip", path.read_bytes())
    for path in landing.glob("rogplus-wmo/*.zip"):
        texts = messages(path)
        for at, text in enumerate(texts):
            keep("xml", f"{path.name}-{at}", text)
        keep("xml", f"{path.name}-samen", b"\0".join(texts[:3]))
    for path in landing.glob("rogplus-historie/*.txt"):
        keep("ei", path.name, fixed(path))
    for path in landing.glob("mee/*.json"):
        records = json.loads(path.read_bytes())[:4]
        keep("json", path.name, json.dumps(records, ensure_ascii=False, indent=1).encode())
        keep("json", path.name + "-dicht", json.dumps(records).encode())
    for path in landing.glob("telefooncentrale/*.ndjson"):
        keep("ndjson", path.name, lines(path, 5))


if __name__ == "__main__":
    main()

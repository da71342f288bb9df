#!/usr/bin/env python3
"""Large deliveries of invented persons, one of each format, for the benchmark of the decoders.

    python3 benches/formats/generate.py FOLDER [ROWS]

writes, below FOLDER, one folder a source, as in a landing folder:

    stroomopwaarts     CSV      ROWS rows
    telefooncentrale   NDJSON   ROWS records
    mee                JSON     ROWS records in one array
    rogplus-wmo        XML      ROWS start messages: iWmo 2.1 with many clients, in a ZIP
    rogplus-historie   EI       ROWS start records
    mevis-jeugd        XLSX     200 000 rows, whatever ROWS says

Standard library only. The numbers pass the elfproef and are invented; somebody may have one by accident.
"""

import json
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

SHEET_ROWS = 200_000
CLIENTS_A_MESSAGE = 5_000


def numbers():
    """Numbers of nine digits that pass the elfproef."""
    for n in range(100_000_000, 999_999_999):
        d = [int(c) for c in str(n)]
        if (sum(d[i] * (9 - i) for i in range(8)) - d[8]) % 11 == 0:
            yield str(n)


def day(i, start=date(2020, 1, 1), span=1_400):
    return start + timedelta(days=i * 7919 % span)


def born(i):
    return date(1940, 1, 1) + timedelta(days=i * 104_729 % 24_000)


def csv(folder, bsns, rows):
    path = folder / "stroomopwaarts_2024_20250115.csv"
    with open(path, "w", encoding="cp1252", newline="") as out:
        out.write("Voorzieningnr;Klantnr;Bsn;Product;Startdatum;Einddatum;Reden be\u00ebindiging;Schuldbedrag\r\n")
        for i in range(rows):
            start = day(i)
            end = (start + timedelta(days=200)).strftime("%d-%m-%Y") if i % 3 else ""
            out.write(
                f"SW-2024-{i:08d};SK{i // 2:08d};{bsns[i // 2]};Participatieplaats;{start:%d-%m-%Y};{end};;"
                f"{i % 40}.{i % 1000:03d},{i % 100:02d}\r\n"
            )
    return path


def ndjson(folder, bsns, rows):
    path = folder / "telefooncentrale_20250115.ndjson"
    with open(path, "w", encoding="utf-8") as out:
        for i in range(rows):
            record = {
                "id": f"TC{i:09d}",
                "inwoner": {"bsn": bsns[i] if i % 5 else None},
                "kanaal": "WEB",
                "tijdstip": {"ontvangen": f"{day(i)}T{i % 24:02d}:{i % 60:02d}:00Z", "gewijzigd": None},
                "beoordeling": {
                    "urgentie": "NORMAAL",
                    "doorgezet": {"naar": "Welzijn"},
                    "onderwerpen": ["wonen", "geld"],
                },
                "status": "GESLOTEN",
                "notities": [],
            }
            out.write(json.dumps(record) + "\n")
    return path


def json_array(folder, bsns, rows):
    path = folder / "mee_20250115.json"
    with open(path, "w", encoding="utf-8") as out:
        out.write("[\n")
        for i in range(rows):
            start = day(i)
            record = {
                "traject_id": f"MEE-T{i:08d}",
                "client_id": f"MEE-C{i // 2:08d}",
                "bsn": bsns[i // 2],
                "geboortedatum": str(born(i)),
                "traject": "Levensloopbegeleiding",
                "uren": i % 40 + 0.5,
                "start": str(start),
                "einde": str(start + timedelta(days=120)) if i % 3 else None,
                "reden_einde": None,
                "opmerking": None,
            }
            out.write(("," if i else " ") + json.dumps(record) + "\n")
        out.write("]\n")
    return path


def xml(folder, bsns, rows):
    path = folder / "rogplus-wmo_20250115.zip"
    space = "http://www.istandaarden.nl/iwmo/2_1/wmo305/schema"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for first in range(0, rows, CLIENTS_A_MESSAGE):
            parts = [
                f'<?xml version="1.0" encoding="UTF-8"?><wmo:Bericht xmlns:wmo="{space}"><wmo:Header>'
                "<wmo:BerichtCode>418</wmo:BerichtCode><wmo:Afzender>12345678</wmo:Afzender>"
                "<wmo:Ontvanger>0606</wmo:Ontvanger><wmo:BerichtIdentificatie>"
                f"<wmo:Identificatie>{first}</wmo:Identificatie><wmo:Dagtekening>2025-01-15</wmo:Dagtekening>"
                "</wmo:BerichtIdentificatie></wmo:Header><wmo:Clienten>"
            ]
            for i in range(first, min(first + CLIENTS_A_MESSAGE, rows)):
                parts.append(
                    f"<wmo:Client><wmo:Bsn>{bsns[i]}</wmo:Bsn><wmo:Geboortedatum><wmo:Datum>{born(i)}</wmo:Datum>"
                    "</wmo:Geboortedatum><wmo:Geslacht>2</wmo:Geslacht><wmo:Naam><wmo:Geslachtsnaam><wmo:Naam>"
                    "Zonnebloemsma</wmo:Naam></wmo:Geslachtsnaam></wmo:Naam><wmo:StartProducten>"
                    f"<wmo:StartProduct><wmo:ToewijzingNummer>{i:09d}</wmo:ToewijzingNummer><wmo:Product>"
                    "<wmo:Categorie>01</wmo:Categorie><wmo:Code>01A01</wmo:Code></wmo:Product>"
                    f"<wmo:ToewijzingIngangsdatum>{day(i)}</wmo:ToewijzingIngangsdatum>"
                    f"<wmo:Begindatum>{day(i)}</wmo:Begindatum><wmo:StatusAanlevering>1</wmo:StatusAanlevering>"
                    "</wmo:StartProduct></wmo:StartProducten></wmo:Client>"
                )
            parts.append("</wmo:Clienten></wmo:Bericht>")
            archive.writestr(f"{first:09d}.xml", "".join(parts))
    return path


def ei(folder, bsns, rows):
    path = folder / "rogplus-historie_20250115.txt"
    with open(path, "w", encoding="cp1252", newline="") as out:
        line = lambda text: out.write(f"{text:<180}\r\n")
        line("0141801ROGPLUS 20250115")
        for i in range(rows):
            line(f"02{bsns[i]}{born(i):%Y%m%d}02Zonnebloemsma")
            line(f"07{i:012d}0101A01{day(i):%Y%m%d}1")
        line(f"99{2 * rows + 2:06d}{rows:06d}{rows:06d}{0:06d}")
    return path


def xlsx(folder, bsns, rows):
    path = folder / "mevis-jeugd_2024_20250115.xlsx"
    head = ["Trajectnr", "Bsn", "Geboortedatum", "Postcode", "Verwijzer", "Hulpvorm", "Aanvang", "Einde", "Reden"]
    text = lambda at, value: f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'
    number = lambda at, value, style=0: f'<c r="{at}" s="{style}"><v>{value}</v></c>'
    serial = lambda d: (d - date(1899, 12, 30)).days
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    xml_head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr(
            "[Content_Types].xml",
            f'{xml_head}<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}worksheet+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}styles+xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'{xml_head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{xml_head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
            f'Type="{office}/styles" Target="styles.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'{xml_head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Jeugdhulp" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/styles.xml",
            f'{xml_head}<styleSheet xmlns="{main}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
            '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
            '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        )
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            put = lambda line: sheet.write(line.encode())
            put(f'{xml_head}<worksheet xmlns="{main}"><sheetData><row r="1">')
            put("".join(text(f"{chr(65 + c)}1", name) for c, name in enumerate(head)) + "</row>")
            for i in range(rows):
                r, start = i + 2, day(i, date(2024, 1, 1), 366)
                put(
                    f'<row r="{r}">{text(f"A{r}", f"JT-{i:08d}")}{text(f"B{r}", bsns[i])}'
                    f'{number(f"C{r}", serial(born(i) + timedelta(days=22_000)), 1)}{text(f"D{r}", "3111AB")}'
                    f'{text(f"E{r}", "02")}{text(f"F{r}", "02")}'
                    f'{number(f"G{r}", serial(start), 1)}</row>'
                )
            put("</sheetData></worksheet>")
    return path


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    root = Path(sys.argv[1])
    rows = int(sys.argv[2]) if len(sys.argv) == 3 else 1_000_000
    supply = numbers()
    bsns = [next(supply) for _ in range(max(rows, SHEET_ROWS))]
    for source, write, count in [
        ("stroomopwaarts", csv, rows),
        ("telefooncentrale", ndjson, rows),
        ("mee", json_array, rows),
        ("rogplus-wmo", xml, rows),
        ("rogplus-historie", ei, min(rows, 400_000)),
        ("mevis-jeugd", xlsx, SHEET_ROWS),
    ]:
        folder = root / source
        folder.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        path = write(folder, bsns, count)
        print(f"{source}: {count} rows, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

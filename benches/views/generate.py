"""Large deliveries of invented persons for the benchmark of the views, one year or source at a time.

Nobody in them exists. The numbers pass the elfproef; somebody may have one by accident. The same
arguments give the same files.
"""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

BATCH = 1_000_000
TEAMS = ["Nieuwland", "Groenoord", "Noordrand", "Oost", "Zuid", "Centrum-West", "Co-team", ""]
PROBLEMS = [
    "Financien", "Huisvesting", "Geestelijke gezondheid", "Lichamelijke gezondheid", "Werk en opleiding",
    "Sociaal netwerk", "Huiselijke relaties", "Opvoeding", "Verslaving", "Justitie",
    "Maatschappelijke participatie",
]  # fmt: skip
ENDS = ["Doelen gerealiseerd", "Stopgezet door client", "Doorverwijzing", "Verhuizing", "Anders", ""]
REFERRALS = [
    "Jeugdinstanties 2e lijn", "Wmo", "Netwerk", "Jeugdbescherming", "Wlz", "Jongerenwerk", "Veilig Thuis",
    "Huisarts", "Woningcorporatie", "Bemoeizorg", "Welzijn", "Anders",
]  # fmt: skip
PRODUCTS = [
    "Schuldregeling", "Saneringskrediet", "Budgetbeheer", "Stabilisatie", "Re-integratie", "Beschut werk",
    "Loonkostensubsidie", "Participatieplaats",
]  # fmt: skip
LETTERS = ["AA", "AB", "AC", "BA", "CA", "CD", "CH", "DB", "EK", "EN", "HB", "KL", "LP", "NR", "TT", "XZ"]
DOMAINS = [
    "Financien", "Werk en opleiding", "Tijdsbesteding", "Huisvesting", "Huiselijke relaties",
    "Geestelijke gezondheid", "Lichamelijke gezondheid", "Middelengebruik", "ADL", "IADL", "Sociaal netwerk",
    "Maatschappelijke participatie", "Justitie",
]  # fmt: skip


class People:
    """The clients: the same ones in every delivery."""

    def __init__(self, count):
        rng = np.random.default_rng(50)
        tried = count * 11 // 10 + 11  # one in eleven has no check digit
        eight = 10_000_000 + np.arange(tried, dtype=np.int64) * (80_000_000 // tried)
        check = sum(eight // 10 ** (7 - i) % 10 * (9 - i) for i in range(8)) % 11
        self.count = count
        self.bsn = (eight * 10 + check)[check < 10][:count]
        assert len(self.bsn) == count
        rng.shuffle(self.bsn)
        self.born = np.datetime64("1935-01-01") + rng.integers(0, 31_000, count)
        self.postcode = draw_postcodes(rng, count)
        self.without_bsn = rng.random(count) < 0.02


def draw_postcodes(rng, count):
    """Codes of postcodes; one in a hundred lies outside the town."""
    four = rng.choice(15, count, p=np.arange(15, 0, -1) / 120)
    inside = four * len(LETTERS) + rng.integers(0, len(LETTERS), count)
    return np.where(rng.random(count) < 0.01, 15 * len(LETTERS), inside).astype(np.int16)


POSTCODES = np.array([f"{3111 + i}{x}" for i in range(15) for x in LETTERS] + ["3011AB"])


def hulpvragen(people, year, rows, path):
    """wot-casus: the hulpvragen that were reported in a year."""
    rng = np.random.default_rng([1, year])
    columns = lambda first, n: _hulpvragen(rng, people, year, first, n)
    write(path, rows, columns)
    checksum(path)


def _hulpvragen(rng, people, year, first, n):
    who = rng.integers(0, people.count, n)
    reported = np.datetime64(f"{year}-01-01") + rng.integers(0, 365, n)
    start = reported + rng.gamma(1.5, 10, n).astype(int)
    end = start + rng.gamma(1.2, 130, n).astype(int)
    # Slips: a start before the report, and what nobody wrote down.
    start = np.where(rng.random(n) < 0.005, reported - 3, start)
    ended = (end <= np.datetime64("2024-12-31")) & (rng.random(n) < 0.95)
    moved = np.where(rng.random(n) < 0.05, draw_postcodes(rng, n), people.postcode[who])
    bsn = pc.if_else(pa.array(people.without_bsn[who] | (rng.random(n) < 0.05)), "", text(people.bsn[who]))
    old, new = year == 2020, year >= 2023
    referred = (rng.random(n) < 0.2) & old
    yes_or_no = lambda asked, share: pick(rng, ["J", "N"], n, [share, 1 - share]) if asked else pick(rng, [""], n)
    return {
        "HulpvraagNr": numbered(f"HV{year}-", np.arange(first, first + n)),
        "Clientnr": pc.if_else(pa.array(rng.random(n) < 0.003), "", numbered("C", who)),
        "Bsn": bsn,
        "Naam": pick(rng, ["A. de Tester", "B. van Proef"], n),
        "Geboortedatum": pc.if_else(pa.array(rng.random(n) < 0.005), "01-01-1900", dates(people.born[who])),
        "Postcode": pa.array(POSTCODES).take(pa.array(moved)),
        "Soort": pick(rng, ["Hulpvraag", "Betrokkene"], n, [0.88, 0.12]),
        "Meldingsdatum": dates(reported),
        "StartBegeleiding": pc.if_else(pa.array(rng.random(n) < 0.02), "", dates(start)),
        "Afsluitdatum": pc.if_else(pa.array(ended), dates(end), ""),
        "Team": pick(rng, TEAMS, n),
        "Zorgzwaarte": pick(rng, ["licht", "gemiddeld", "zwaar", ""], n, [0.49, 0.33, 0.17, 0.01]),
        "Problematiek": problems(rng, n),
        "RedenAfsluiting": pc.if_else(
            pa.array(ended), pick(rng, ENDS, n, [0.7, 0.14, 0.04, 0.03, 0.08, 0.01]), ""
        ),
        "Afhandeling": pc.if_else(
            pa.array(referred), "Doorverwezen", pick(rng, ["Zelf" if old else "", ""], n, [0.98, 0.02])
        ),
        "Doorverwezen naar": pc.if_else(pa.array(referred), pick(rng, REFERRALS, n), ""),
        "Substitutie": yes_or_no(old, 0.2),
        "Via aanmeldteam": yes_or_no(new, 0.1),
        "Afgeschaald": yes_or_no(new, 0.15),
    }


def problems(rng, n):
    """None, one, two or three problems in one cell."""
    count = rng.choice(4, n, p=[0.03, 0.6, 0.27, 0.1])
    first = rng.integers(0, len(PROBLEMS), n)
    cell = pc.if_else(pa.array(count > 0), pa.array(PROBLEMS).take(pa.array(first)), "")
    for more, step in ((1, 3), (2, 7)):
        other = pa.array(PROBLEMS).take(pa.array((first + step) % len(PROBLEMS)))
        cell = pc.if_else(pa.array(count > more), pc.binary_join_element_wise(cell, other, ", "), cell)
    return cell


def scores(people, clients, path):
    """zrm: a first and a second measurement of each of so many clients."""
    rng = np.random.default_rng(2)
    who = rng.choice(people.count, clients, replace=False)
    at = np.datetime64("2019-07-01") + rng.integers(0, 300, clients)
    later = at + rng.integers(60, 400, clients)

    def columns(first, n):
        # Row by row: the two measurements of one client lie side by side.
        row = np.arange(first, first + n)
        client, second = row // 2, row % 2 == 1
        made = {
            "Clientnr": numbered("C", who[client]),
            "Meting": text(second + 1),
            "Datum": dates(np.where(second, later[client], at[client])),
            "Actie": pick(rng, ["N"], n),
            "Versie": pick(rng, ["13"], n),
        }
        return made | {d: text(np.clip(rng.integers(1, 6, n) + second, 1, 5)) for d in DOMAINS}

    write(path, clients * 2, columns)
    checksum(path)


def schuldhulp(people, year, rows, path):
    """stroomopwaarts: the voorzieningen that began in a year."""
    rng = np.random.default_rng([3, year])

    def columns(first, n):
        who = rng.integers(0, people.count, n)
        start = np.datetime64(f"{year}-01-01") + rng.integers(0, 365, n)
        debt = rng.integers(100, 9_000_000, n)
        cents = pc.binary_join_element_wise(text(debt // 100), pc.utf8_lpad(text(debt % 100), 2, "0"), ",")
        return {
            "Voorzieningnr": numbered(f"SW-{year}-", np.arange(first, first + n)),
            "Klantnr": numbered("SK", who),
            "Bsn": pc.if_else(pa.array(people.without_bsn[who]), "", text(people.bsn[who])),
            "Product": pick(rng, PRODUCTS, n),
            "Startdatum": dates(start),
            "Einddatum": pc.if_else(pa.array(rng.random(n) < 0.3), "", dates(start + rng.integers(30, 700, n))),
            "Reden einde": pick(rng, [""], n),
            "Schuldbedrag": cents,
        }

    write(path, rows, columns)


def begeleiding(people, rows, path):
    """parnassia: trajectories of all years in one file."""
    rng = np.random.default_rng(4)

    def columns(first, n):
        who = rng.integers(0, people.count, n)
        start = np.datetime64("2020-01-01") + rng.integers(0, 1800, n)
        plain = lambda days: pc.replace_substring(pa.array(np.datetime_as_string(days, unit="D")), "-", "")
        return {
            "Trajectnr": numbered("PRN-", np.arange(first, first + n)),
            "BSN": text(people.bsn[who]),
            "Traject": pick(rng, ["Ambulante begeleiding", "Bemoeizorg", "Verslavingszorg"], n),
            "Start": plain(start),
            "Einde": pc.if_else(pa.array(rng.random(n) < 0.3), "99991231", plain(start + rng.integers(30, 700, n))),
        }

    write(path, rows, columns)


def write(path, rows, columns):
    """A CSV of so many rows, made a batch at a time; `columns(first, n)` gives the columns of one."""
    options = pacsv.WriteOptions(delimiter=";", quoting_style="none")
    writer = None
    for first in range(0, rows, BATCH):
        table = pa.table(columns(first, min(BATCH, rows - first)))
        writer = writer or pacsv.CSVWriter(str(path), table.schema, write_options=options)
        writer.write_table(table)
    writer.close()


def checksum(path):
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")


def text(numbers):
    return pa.array(numbers).cast(pa.string())


def numbered(prefix, numbers):
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(text(numbers), 8, "0"), "")


def dates(days):
    """dd-mm-jjjj"""
    iso = pa.array(days.astype("datetime64[D]")).dictionary_encode()
    spelled = pc.strftime(iso.dictionary, "%d-%m-%Y")
    return spelled.take(iso.indices)


def pick(rng, values, n, shares=None):
    return pa.array(values).take(pa.array(rng.choice(len(values), n, p=shares)))

//! Size: memory that does not grow with the workbook. Run by hand, for the figures:
//! `cargo test --release --lib xlsx::tests::large -- --ignored --nocapture`.

use std::io::Write;
use std::time::Instant;

use super::*;

/// The most memory that this process has had at once, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().split(' ').next())
        .and_then(|kib| kib.parse::<u64>().ok())
        .map_or(0, |kib| kib / 1024)
}

/// A workbook of so many rows, written in little memory: a number, a shared string, a text and an
/// amount a row.
fn workbook(rows: u32) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("sluis-{}-{rows}.xlsx", std::process::id()));
    let frame = one(|sheet| texts(sheet, 0, &["Datum", "Team", "Bedrag", "Opmerking", "Oost"]));
    let mut file = zip::ZipWriter::new(
        File::options()
            .create_new(true)
            .write(true)
            .open(&path)
            .unwrap(),
    );
    for (name, content) in hostile::parts(&frame) {
        file.start_file(&name, zip::write::SimpleFileOptions::default())
            .unwrap();
        if name == hostile::SHEET {
            let text = String::from_utf8(content).unwrap();
            let text = text.replace("<c r=\"E1\" t=\"s\"><v>4</v></c>", "");
            let (head, tail) = text.split_at(text.find("</sheetData>").unwrap());
            file.write_all(head.as_bytes()).unwrap();
            for row in 2..=rows + 1 {
                let (day, cents) = (40_000 + row % 5000, row % 100);
                write!(
                    file,
                    "<row r=\"{row}\"><c r=\"A{row}\"><v>{day}</v></c><c r=\"B{row}\" t=\"s\"><v>4</v></c>\
                     <c r=\"C{row}\"><v>{row}.{cents:02}</v></c><c r=\"D{row}\" t=\"inlineStr\"><is><t>Opmerking \
                     nummer {row}</t></is></c></row>"
                )
                .unwrap();
            }
            file.write_all(tail.as_bytes()).unwrap();
        } else {
            file.write_all(&content).unwrap();
        }
    }
    file.finish().unwrap();
    path
}

#[test]
#[ignore = "a measurement"]
fn two_hundred_thousand_rows() {
    let (columns, version) = usual();
    for rows in [20_000, 200_000] {
        let path = workbook(rows);
        let before = peak();
        let start = Instant::now();
        let mut wide = dialect();
        wide.max_unpacked_bytes = 1 << 30;
        let headers = Headers {
            columns: &columns,
            version: &version,
        };
        let mut decoder = open(&path, &wide, headers, 1 << 20).unwrap().decoder;
        let mut found = 0;
        while let Some(Piece::Rows(chunk, _)) = decoder.next_piece().unwrap() {
            found += chunk.rows();
        }
        let read = decoder.finish().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(found, rows as usize);
        println!(
            "{rows} rows, {} KiB: {seconds:.2} s, {:.0} rows a second, peak memory {} MiB ({before} MiB before)",
            read.bytes >> 10,
            f64::from(rows) / seconds,
            peak(),
        );
        std::fs::remove_file(&path).unwrap();
    }
}

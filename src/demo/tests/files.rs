//! The files: the same bytes every time, private, and as dirty as real ones.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::demo::{DemoError, MAX_SCALE, identifiers, write_deliveries};

#[test]
fn deliveries_are_the_same_every_time() {
    let landing = tempfile::tempdir().unwrap();
    let first = write_deliveries(landing.path(), 1).unwrap();
    let again = write_deliveries(landing.path(), 1).unwrap();
    assert_eq!(first, again);
    let lines: Vec<String> = first
        .deliveries
        .iter()
        .map(|one| format!("{} {} {} {}", one.file, one.rows, one.refused, one.sha256))
        .collect();
    assert_eq!(lines.join("\n"), FROZEN.trim());
}

/// Change this only with a reason: whoever compares two versions of the program on the demo relies
/// on it.
const FROZEN: &str = "
cbs-wijken_20200301.csv 10 0 85270e9e22ef3c5f16de738b1d90989c455159a93e3d2441a3e31cc3f0f6b5d6
cbs-postcodes_20200301.csv 287 2 7b0b612ef0d9a61f67b08ad9099ef32870219cfe95a74a9baba924f93c3ee1f8
cbs-bevolking_20200301.csv 1103 3 99cdccbfe4023be2a125f18a9c57a1dc3073c21a3c56ef3db5cde046c16cbce1
wot-casus_2019_20210115.csv 1415 1 cebe14e5e90123097266c775f4fef122e464e1f843770dc6c021a6880181be7b
wot-casus_2020_20210115.csv 2240 4 529a9553567a953963610cf4a6c03b63fde3a7495fbd73f4760decbc3878f7d3
wot-casus_2022_20250115.csv 527 1 547a4142a137620c56321a2fbade667eacbd5aaecf25d83ee3b3ccf14252688a
wot-casus_2023_20250115.csv 1179 3 725ad68a59015f4069f9e861f681943ca6a6add4fd3b6bf7798070600f37bea8
wot-casus_2024_20250115.csv 1242 5 817796549f83bf676b28a886cba528e71e773a284617bff9dd526867248333a1
zrm_20200131.csv 44 0 e40b1074734a02d743b0f7def9d357619e1d26f1c94f030a7a98aeef77a8c590
zrm_20200229.csv 24 0 abedb2bb804c7649809fad7657fabf2cb52e716a19c430cdc9105154204bcc5b
zrm_20200331.csv 47 1 6caa7c98e96bc347361671bf9732c76aeb9f9e91cb684711b69ae7766198520e
zrm_20200430.csv 48 0 393eee12577a0697f70622a1769bdba9ea9dff9215c8dac34357a57e9247e84c
zrm_20200531.csv 45 0 603af9ce13c75c9ea7b3b69e6103fea45aa6bf1ec27f81ce3da2361faf8f38c8
zrm_20200630.csv 46 1 3042df83a9f310765bd9a6dbaf879434d4e272721774f2ed3c850bf2a1f52143
zrm_20200731.csv 41 0 aea2414f115d1a2c49bbcbefe29c92ac67482df6f7edbcd741b2dd575999fb50
zrm_20200831.csv 42 0 96238160ad2d3533233fdcbe7f6d6ab4939e69f0d8cdbe63dc2cfbf994fd420c
zrm_20200930.csv 44 1 655dbc0e1639e38b38c2c8be0348b3f5536e00537a4fa05de8f82164408c6cf8
zrm_20201031.csv 43 0 c0d6a1e85ff6a2e5be1da913e7f1d08d04d3d3efb32c25cf75989175f55620d9
zrm_20201130.csv 42 1 b7577f9c87713e0859581f37e8cb03fd27a94462e186d15107a97b39a3e8cdb4
zrm_20201231.csv 40 0 4a4474a8f9b11cf52dc6009d2f19e34d388b06d5729a8932125fd3908d6ab9d1
zrm_20210131.csv 29 0 6b7e29f94306e229c3d01315ae0926b4808a40eff3f1b9fbe331a9adbd5cba29
zrm_20240630.csv 24 0 c7ba6f7dc3d48bf962daae9da2a773a18cceb5eea86154bfeef4169f2731f32f
zrm_20241231.csv 48 0 98629d2feb4f8b9c741b426a0c6f92bd87f2811e0c34df9349d2cd471edbb67a
korte-contacten_2019_20210115.csv 428 0 2488ddee8ffaa1970a349f98315c2c5e116817624f9e094634115d9a13452baf
korte-contacten_2020_20210115.csv 200 0 097ca009c6f6cfc7aefc80379a39649344a40fb8ca20a3dc2132db01d0c08199
korte-contacten_2023_20250115.csv 245 0 8ba76ac75541649ba8abd1410c6289430aee4a0b40b0cbfc653aebb78d0ccc27
korte-contacten_2024_20250115.csv 272 1 e1ac79b6a70263f74686f46b758807777eaae0285887d8ed5d528520eb011f0f
";

#[test]
fn deliveries_are_private_settled_and_carry_their_checksum() {
    let landing = tempfile::tempdir().unwrap();
    let report = write_deliveries(landing.path(), 1).unwrap();
    for delivery in &report.deliveries {
        let folder = landing.path().join(delivery.source);
        assert_eq!(
            fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let path = folder.join(&delivery.file);
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert_eq!(metadata.len(), delivery.bytes);
        let age = std::time::SystemTime::now()
            .duration_since(metadata.modified().unwrap())
            .unwrap();
        assert!(age.as_secs() > 86_400, "{}", delivery.file);
        let sum = folder.join(format!("{}.sha256", delivery.file));
        let wanted = matches!(delivery.source, "wot-casus" | "zrm");
        assert_eq!(sum.exists(), wanted, "{}", delivery.file);
        if wanted {
            assert_eq!(
                fs::read_to_string(sum).unwrap(),
                format!("{}  {}\n", delivery.sha256, delivery.file)
            );
        }
    }
}

#[test]
fn every_delivery_stays_below_the_threshold() {
    let landing = tempfile::tempdir().unwrap();
    for delivery in write_deliveries(landing.path(), 1).unwrap().deliveries {
        assert!(delivery.refused * 20 < delivery.rows, "{}", delivery.file);
    }
}

#[test]
fn scale_makes_copies_of_everybody() {
    let (one, three) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let single = write_deliveries(one.path(), 1).unwrap();
    let triple = write_deliveries(three.path(), 3).unwrap();
    assert_eq!(triple.persons, 3 * single.persons);
    assert!(triple.invented_bsns > single.invented_bsns);
    for (small, large) in single.deliveries.iter().zip(&triple.deliveries) {
        if matches!(small.source, "wot-casus" | "zrm") {
            assert_eq!(
                large.rows - large.refused,
                3 * (small.rows - small.refused),
                "{}",
                small.file
            );
        }
        assert_eq!(large.refused, small.refused, "{}", small.file);
    }
    assert!(matches!(
        write_deliveries(one.path(), 0),
        Err(DemoError::Scale(0))
    ));
    assert!(write_deliveries(one.path(), MAX_SCALE + 1).is_err());
}

#[test]
fn the_quirks_of_real_files_occur() {
    let landing = tempfile::tempdir().unwrap();
    write_deliveries(landing.path(), 1).unwrap();
    let read = |path: &str| fs::read(landing.path().join(path)).unwrap();
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);

    let wot = read("wot-casus/wot-casus_2024_20250115.csv");
    assert!(
        std::str::from_utf8(&wot).is_err(),
        "Windows-1252 is no UTF-8"
    );
    for part in [
        &b";01-01-1900;"[..],
        b"cli\xebnt",             // an accent
        b"\x80 1.250",            // the euro sign of Windows-1252
        b".\r\nWil \"\"rust\"\"", // a line end and doubled quotes inside quotes
        b", ",                    // several problems in a cell
        b";9999.",                // a number with dots
        b";999 9",                // with spaces
        b";31-02-2024;",
    ] {
        assert!(has(&wot, part), "{part:?}");
    }
    let any_cell = |column: usize, like: &dyn Fn(&[u8]) -> bool| {
        wot.split(|byte| *byte == b'\n').any(|line| {
            line.split(|byte| *byte == b';')
                .nth(column)
                .is_some_and(like)
        })
    };
    assert!(
        any_cell(2, &|bsn| bsn.len() == 7 && bsn.starts_with(b"12")),
        "lost zeros"
    );
    assert!(
        any_cell(5, &|postcode| postcode.len() == 4
            && postcode.starts_with(b"31")),
        "four digits"
    );
    assert!(
        any_cell(5, &|postcode| postcode.ends_with(b"aa")),
        "lower case"
    );

    let zrm = read("zrm/zrm_20200331.csv");
    assert!(
        zrm.starts_with(b"\xef\xbb\xbf")
            && has(&zrm, b"\r\n")
            && has(&zrm, b";3,0;")
            && has(&zrm, b";;")
    );
    let columns = |path: &str| {
        read(path)
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap()
            .split(|byte| *byte == b';')
            .count()
    };
    assert_eq!(columns("zrm/zrm_20200229.csv"), 5 + 11);
    assert_eq!(columns("zrm/zrm_20200331.csv"), 5 + 12);
    assert_eq!(columns("zrm/zrm_20240630.csv"), 5 + 13);

    let cbs = read("cbs-bevolking/cbs-bevolking_20200301.csv");
    assert!(
        has(&cbs, b";WK060601  ;")
            && has(&cbs, b";60601;")
            && has(&cbs, b"GM0606    ")
            && has(&cbs, b";606;")
    );
}

#[test]
fn identifiers_are_all_that_the_files_hold() {
    let landing = tempfile::tempdir().unwrap();
    write_deliveries(landing.path(), 1).unwrap();
    let identifiers = identifiers(1).unwrap();
    assert!(identifiers.all().count() > 30_000);
    let bytes = fs::read(landing.path().join("wot-casus/wot-casus_2019_20210115.csv")).unwrap();
    let text = encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned();
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(';').collect();
        rows += 1;
        assert!(identifiers.case_numbers.contains(cells[0]));
        assert!(cells[1].is_empty() || identifiers.client_numbers.contains(cells[1]));
        assert!(cells[2].trim().is_empty() || identifiers.bsns.contains(cells[2].trim()));
        assert!(identifiers.names.contains(cells[3]));
        assert!(cells[4] == "01-01-1900" || identifiers.birth_dates.contains(cells[4]));
        assert!(cells[5].len() <= 4 || identifiers.postcodes.contains(cells[5]));
    }
    assert_eq!(rows, 1415);
    assert!(!identifiers.free_text.is_empty());
}

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
cbs-bevolking_20250115.csv 3303 3 9f876eaef48128f2d0c3860ed39b8a7be04414ea1625dd8a58dd4768a90f2e5d
wot-casus_2019_20210115.csv 1415 1 e421f0c967bde872b0269158e07385e77232cd84e8b1b6162232994252ac5927
wot-casus_2020_20210115.csv 2240 4 0872177d8857d344146e97858e4b74fd35a3d51726c0311b15231a1ce8176d9b
wot-casus_2022_20250115.csv 527 1 c1bfd583520af23535aa667e2e85bf3b698f44a36a5065f0d082a40564946327
wot-casus_2023_20250115.csv 1179 3 e60765768c98d6dbedd5c24244f9c46d59223d074ea5c753108387206deda513
wot-casus_2024_20250115.csv 1242 5 5938f99d71736077de2b42ee6996252231d3eb9a89ae7d35ed54cc0f9c8779e0
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
stroomopwaarts_2023_20250115.csv 132 2 8192a38ea36531bd08c3ee92e5a08ec306960efdc26ff356410c2d003e55c5bf
stroomopwaarts_2024_20250115.csv 154 4 3fc60d43115304307dda1cc4be6ec3edcbae0aa8bcec6005e3fc85309279721d
stroomopwaarts_2024_20250215.csv 20 0 2d139485f692f96b85902f39b4282182a8ceb7c17c575cc7a806bede70682e1e
enver_20230115.csv 91 1 4f1acf70ebead240e731df906d944179990308e7edd1a910c0f072cc1c187c36
fortagroep_20230115.csv 41 1 0a2f3d2c98b9627e6585e342c381b5bd399aa6b4e4c6210facd56bd1a1d0e246
clessidra_20230115.csv 31 1 cedd537fed51ce2c5f0f76813711dd029ca90eba4cdfaff73fb60a7810990ede
parnassia_20230115.csv 37 1 4ff4c26631416cb3d987e2d15f264401b7e9c5b621e7c4cdc04d016c5117d3b9
parnassia_20230615.csv 37 0 4ff4c26631416cb3d987e2d15f264401b7e9c5b621e7c4cdc04d016c5117d3b9
dock_20250115.csv 178 3 1b2634ed8fc2828a4a466d9a07ccaefce8c9380198019974f79cad8f0060bb2c
dock_20250215.csv 20 0 5f08767b9a69f69d3cdda482d895c5576e7e3d04cd41fbbe7bc8232249a109e6
buurtwerk_2020_20210115.csv 61 1 9f815c19d8348f12d62ff2eb5d20bedb67503d9ccd254318e2d19c5858b1bd92
buurtwerk_2023_20250115.csv 71 1 34b03e0673e15f7697652f0917a9a56c716b849c15b5f448a4e52431e675e5da
buurtwerk_2024_20250115.csv 81 1 7e4d134c9e891096d6af71f1c3ae2276ae4220c3c65c24cda1f685406cb74aea
buurtwerk_2024_20250215.csv 26 0 4de12fd535a104865850276d3b69c133d83b9369aeca89ee5972d69b68560fe3
seniorenwelzijn_2023_20250115.csv 51 1 a6f8a14913b5f80c433fea8c91a8af748de4b502b2b62513c408449a0e02f3f1
seniorenwelzijn_2024_20250115.csv 61 1 5168d7b9ffe95cc496c633e5d3a27617f0d5446d123e256ce4a89a8f79e945f8
woonplus_2023_20250115.csv 58 1 aae1e9c871ef57f99b1713a0fb8db8a1171d5fdd891d2614a678585b42a58aaa
woonplus_2024_20250115.csv 65 2 f4df0d693044633424fe3c009e717bc9ae59011aa35e555db14b83a8a48f04be
woonplus_2024_20250215.csv 20 0 ebe94ce5980bfd0cbfd79b87fff427fc6f2d796a8752940271bab000988505ea
klachten_2024_20250115.csv 9 0 1f766498fbcb426807a9ea074722a0031fb5be5a58475829b14cb9db9236264d
klachten_2024_20250215.csv 9 0 f3aeb6d3e044a49089d586418df3938287eacf9d7519c3c631687ed003d9d8c8
voedselbank_2023_20250115.csv 62 2 066c14e3e6a3a7383e630928442de2a1300b0adbd7a3c67f913634fc2237c7c6
voedselbank_2024_20250115.csv 82 2 b744182b8b10bc39b7d0acaf70603ea7244ecb83833551da8485b73fbe3fa173
voedselbank_2024_20250215.csv 40 0 cdd7d17dc0be176d708b058a44e1a713570705745fe6070da7500d21a3354c6b
voedselbank_2024_20250315.csv 60 0 4485e0ba3a9a07d4b206b039146b1df65968c992dc8d4667c4331b9af3f16d30
klantervaring_2018_20181210.csv 6 0 974e7463007f63842c46b24f6bc877d23f25711d415867cfbadc6dabbf005f5d
klantervaring_2023_20250115.csv 18 0 d1330fd687216f42055d6e2c9c49514551798727d458aa19426b9a41c8f783b4
klantervaring_2024_20250115.csv 18 0 82d27b21bf3449f20c3db5a42207ad1f9501c28c2c1d681bead3a7907fd3d43e
klantervaring_2024_20250215.csv 20 0 d557c5fd6c37dde51571f9a8df2fd48638e2ce5b5fa6f2b65680eff4c5057ba4
klantervaring_2024_20250315.csv 6 0 ff1c3a395ae67f4a1a471e0d35862a586a9458b52bdf9e2007a25ed5989af75a
ketenpartners_2023_20250115.csv 74 2 ad74bcf31cfc22c99af93aa5041373829a7855d17b57e3325263f08dca7190ec
ketenpartners_2024_20250115.csv 74 2 40d1431c67814691f77af9f18d48996a9ef8be6ab7e3fac03b592973a7c6a9c0
ketenpartners_2024_20250215.csv 30 0 8be881dea848531a626a884d65a90c8a9678e191f6ecceac18a8bb33e139342d
ketenpartners_2024_20250315.csv 60 0 d564c716f18d2780ab3ff367b6f382a15320d7c6599c1c925da281f4564acd9b
trainingen_20250115.csv 5 0 25299c47bb3cb30b08662c94ea2205c79da8e5d9c3928ba7d204ee8c9e81503a
trainingen_20250215.csv 20 0 b027fdcfbf1ac4c4fbad7486ff4f3f9c091b5c134abbdbeeed2ae84804ad381c
projecten-streefwaarde_20210115.csv 3 0 d143e3b7315ecd6a2bebb89c3805466b0607334b03d9eb193d59032ea014d10f
kpi-normen_20240115.csv 10 0 65d515fa5093069a04e1c7bc6ff998172eda66af0e2169b20909dbc859d89581
gepubliceerde-cijfers_20250315.csv 124 0 58102c7914ec721e88e48f62174c0825caf397132c0e4fad9d348cd1c49c8bd5
telefooncentrale_20240131.ndjson 75 2 788a26bd1cefe8e5dd572d25d57432970263deaa693a8376115b6c42cc31866f
telefooncentrale_20240331.ndjson 84 2 00a80d3eba96b86b6877f15148c29a1f8dd4cce4059bc47518a8b5ad419ef7be
telefooncentrale_20240430.ndjson 91 2 c46a08fafd338e96c9611c7bc2e817fee6cb544e7c3dc317c9fa32f63de51fa4
telefooncentrale_20241101.ndjson 87 2 62b1a7dbf7ce570e60f7309c02bb26f0a8418bfc5b41b34be1266348463204b0
telefooncentrale_20240315.ndjson 20 0 61149c75296900e3cfc6c206481173f4d5ef7a2e46638568375bcadf06d69d11
mee_20250115.json 122 2 479fcb25722b4e8c796352844107d2513e7d0adfcc6bf854b6e810dadebb8342
minters_20250115.json 151 1 697815c781bea332545735abf2c49ca5e13ddae91f6d511bcbac9498a2a623be
pameijer_20250115.json 180 0 acbc52a57318b6463b2c71ff6879823cd15cd1a0bc8a3527d2ee4de6cc0eb43f
minters_20250215.json 30 0 fca688f39e35f492726b88c0a159a1e579edde7581ed10bf0acf5016fe3737cd
zorgdomein_20240630.ndjson 61 1 fbd70bb7ed5aedad71f1e44c9875a46979d5432f04f2c35f503be39e41582f40
zorgdomein_20241231.ndjson 81 0 1392195cc47f0386805969fc30f33d10372fd736fe391aa807240eb6afeb3329
doorbraaktool_2024_20250115.json 86 2 126a9b8e2f21a519c3f10da7865c7c69a2f297b78514c9aa10eeb61ce45a0b7c
rogplus-historie_20181231.txt 107 0 989fa7f31468547c3534424ab2cbd861cac361dceae8f407f678f7ca96c23fb8
rogplus-historie_20191231.txt 32 1 40be7d24ae257b94c8157ec859708ea752891f5b6516b1c21b827aafcb0d0618
rogplus-historie_20200115.txt 5 0 f1d039852bd96e5b001c07983f22c75766c2ec96d55ea878ff599e6dbb66da9d
rogplus-toewijzing_20200131.zip 80 0 2d56d590ddc52229bc056a845c89f97a4990f13f9413b984b936be4a134398ea
rogplus-toewijzing_20240131.zip 80 0 9bc7a98494db9a4594affeb614d6b3ab75dd18d988e253ee3d79795b88c714c7
rogplus-toewijzing_20240630.zip 12 0 9deb075137a682846402ad1471b796a7bdbb82b4e96d6a4dcea04e15d56126df
rogplus-wmo_20201231.zip 120 0 cead11785e65850197f9d4d5596cbbb2e50b1cc5ee144502a13072786cb3934b
rogplus-wmo_20240630.zip 76 2 94b5649d27862f5bdf9c485b93078d1a8426c00723a308c51621062b65a4957b
rogplus-wmo_20240930.zip 44 0 3aa33d526e043d6e688bbadeb0c05aab6aa428aec6f7bf871a4e2019e8b4410b
rogplus-wmo_20241231.zip 8 0 63eb4cccadd1b2cf3a7907fe37e1239f5c1f7922e59bc0ae07d111896ceff904
rogplus-wmo_20241001.zip 2 0 9d3f9a135b5b19600d2450c4884892be44899bca268bae80f0831404fc031a87
rogplus-wmo_20241002.zip 2 0 661573101d2e7fb6a9a1caf7f619d2ba55c37b1c64b7074ee305d191ca66e393
korte-contacten_2019_20210115.xlsx 439 0 c8db2bc6d2b19271f5520cab324420d5486a00e5801041711375db7bf715e56f
korte-contacten_2020_20210115.xlsx 209 0 ca02e19d3ed643c823c89ef5b240619c305a0f0fdf102b8dd2194b84d0ad2f9e
korte-contacten_2023_20250115.xlsx 242 0 9e9db34c506c840a42f5c09e48bec31f7edfd07154adeeea6b36f5d29890f6a6
korte-contacten_2024_20250115.xlsx 276 1 ca2ed5d1d257cd922aea1b2cd5aead05bfe47bb006dd584df21d03fc15769543
korte-contacten_2024_20250122.xlsx 20 0 f75e5f06e566ce5af8baa85bf210b38480674777886043654e0d192305bde7aa
vroegsignalering_2023_20250120.xlsx 80 0 122be5a72712a06ec61b852b12a59cb19f043da4575defbb3560c69085f8fc50
vroegsignalering_2024_20250120.xlsx 122 2 735f375df438ee0a87b72831e0da5fc4e381c4e134cd0287200a2a0c1e027746
vroegsignalering_2024_20250203.xlsx 25 0 6867d1741c3c23a036d41918ba46aff1951d7989b37b687482653c12946dcbac
mevis-jeugd_2023_20250131.xlsx 114 0 e0d7b50b1d4d12f38d1f99250bdeb00c28a74801a7a71a98c6df70e84c1e4029
mevis-jeugd_2024_20250131.xlsx 137 3 3b2470b272cece83029810967eeaa673863e21fd0edf104d5a9b27063600e53b
mevis-jeugd_2024_20250214.xlsx 10 0 6bb06495e69d0284720bf25a9344f0337df95ec9fdd05ea22d6b80c9e4e1e60b
personeel_2020_20210115.xlsx 111 0 7f9684e9934b8683cfc400d67471391821e92ec9914cff5334a3f2a8e086533a
personeel_2024_20250115.xlsx 119 1 589306b8e805a1c43b540308f7502418b1cc243e46f44b3398831cb5a9b4a7a9
personeel_2024_20250301.xlsx 15 0 3b39376015aa6ea1a638a81c0c3f6ba8a9e86e7d97c4990af67fbe6b4108b8dd
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

    let cbs = read("cbs-bevolking/cbs-bevolking_20250115.csv");
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

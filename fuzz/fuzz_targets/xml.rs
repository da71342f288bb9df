#![no_main]

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;
use sluis_fuzz::{Target, packed};

thread_local! {
    static TARGET: LazyCell<Target> = LazyCell::new(|| Target::of("rogplus-wmo"));
}

fuzz_target!(|bytes: &[u8]| {
    TARGET.with(|target| target.attack(&packed(bytes, &["1.xml", "2.xml", "3.xml"])));
});

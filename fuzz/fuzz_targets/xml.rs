#![no_main]

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;
use sluis_fuzz::{MESSAGES, Target, packed};

thread_local! {
    static TARGET: LazyCell<Target> = LazyCell::new(|| Target::of("rogplus-wmo"));
}

fuzz_target!(|bytes: &[u8]| {
    TARGET.with(|target| target.attack(&packed(bytes, &MESSAGES)));
});

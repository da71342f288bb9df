#![no_main]

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;
use sluis_fuzz::Target;

thread_local! {
    static TARGET: LazyCell<Target> = LazyCell::new(|| Target::of("wot-casus"));
}

fuzz_target!(|bytes: &[u8]| {
    TARGET.with(|target| target.attack(bytes));
});

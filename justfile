# What one does daily. Every command is also written out in README.md, for those without just.

# List the recipes
default:
    @just --list

# Make the demo deliveries, run over them and show the monitor
demo *ARGS:
    cargo run --release --locked -- demo {{ARGS}}

# All tests
test *ARGS:
    cargo test --locked {{ARGS}}

# Everything that must hold before a change lands
ci:
    .ci/run

# Format the code
fmt:
    cargo fmt

# Clippy without warnings
lint:
    cargo clippy --locked --all-targets -- --deny warnings

# Licences, bans, advisories and sources of the dependencies (needs cargo-deny)
deny:
    cargo deny check

# Check the contracts of this folder
check:
    cargo run --release --locked -- check --set paths.contracts=.

# The lock alone
bench-lock:
    cargo bench --bench lock

# The nightly job of the benchmark, once, into a fresh folder (see benches/nightly/README.md)
bench-nightly OUT:
    cargo run --release --locked -- run --config benches/nightly/config.toml --set paths.warehouse={{OUT}}

# Ten minutes of one decoder under attack: csv, xlsx, xml, ei, json or ndjson (needs nightly and cargo-fuzz)
fuzz TARGET:
    cargo +nightly fuzz run -s none {{TARGET}} -- -max_total_time=600 -timeout=20 -rss_limit_mb=1024

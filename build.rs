//! Builds the program again when a contract file comes, changes or goes: they are built into it.

fn main() {
    for folder in ["schemas", "pipelines", "config"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}

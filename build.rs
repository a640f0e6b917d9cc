//! Tells cargo that the built pages are part of a release build (see `src/api/pages/files.rs`).

use std::{env, fs};

const PAGES: &str = "frontend/dist";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug build reads the folder when it runs.
    if env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    // cargo watches no folder that is not there, and takes one that is missing for a change in each build
    if let Err(error) = fs::create_dir_all(PAGES) {
        println!("cargo::warning={PAGES}: {error}");
    }
    println!("cargo::rerun-if-changed={PAGES}");
}

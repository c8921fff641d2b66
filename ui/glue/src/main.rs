//! Makes the JavaScript side of a wasm file: `glue IN.wasm OUT_FOLDER`.
//!
//! It calls the library that the `wasm-bindgen` program is made of. As a member of this workspace
//! it shares the lock file with the crate whose bindings it reads, so the two versions, which must
//! be equal, cannot differ.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, folder] = arguments.as_slice() else {
        eprintln!("Usage: glue IN.wasm OUT_FOLDER");
        return ExitCode::from(2);
    };
    let made = Bindgen::new()
        .input_path(Path::new(input))
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate(Path::new(folder))
        });
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("glue: {input} cannot be bound: {error:?}");
            ExitCode::from(1)
        }
    }
}

//! Writes the bindings of Spin's interfaces from the WIT files that the spin-sdk package carries, so that guest and host
//! read the same text and none of it is copied into this tree.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the host offers beyond WASI: package folder in the SDK's `wit/deps`, interface.
const INTERFACES: [(&str, &str); 3] = [
    ("spin-sqlite@3.1.0", "spin:sqlite/sqlite@3.1.0"),
    ("spin-key-value@3.0.0", "spin:key-value/key-value@3.0.0"),
    ("spin-variables@3.0.0", "spin:variables/variables@3.0.0"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let sdk = sdk_wit()?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", sdk.display());

    let wit = out.join("wit");
    fs::create_dir_all(&wit)?;
    let mut world = String::from("package huidan:host;\n\nworld host {\n");
    for (package, interface) in INTERFACES {
        copy_folder(&sdk.join("deps").join(package), &wit.join("deps").join(package))?;
        world.push_str(&format!("    import {interface};\n"));
    }
    world.push_str("}\n");
    fs::write(wit.join("world.wit"), world)?;
    fs::write(out.join("bindings.rs"), bindings(&wit))?;
    Ok(())
}

/// `bindgen!` wants its path as a literal, which only generated code can give it.
fn bindings(wit: &Path) -> String {
    format!(
        r#"wasmtime::component::bindgen!({{
    path: {wit:?},
    world: "host",
    imports: {{ default: async | trappable }},
    with: {{
        "spin:sqlite/sqlite.connection": crate::sqlite::Connection,
        "spin:key-value/key-value.store": crate::key_value::OpenStore,
    }},
}});"#
    )
}

/// The `wit` folder of the spin-sdk package that this workspace's lock file names.
fn sdk_wit() -> Result<PathBuf, Box<dyn Error>> {
    let cargo = env::var_os("CARGO").ok_or("cargo sets CARGO")?;
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--filter-platform", "wasm32-wasip2"])
        .current_dir(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata.get("packages").and_then(|packages| packages.as_array());
    let manifest = packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").is_some_and(|name| name == "spin-sdk"))
        .and_then(|package| package.get("manifest_path")?.as_str())
        .ok_or("spin-sdk is not among this workspace's packages")?;
    let folder = Path::new(manifest).parent().ok_or("a manifest has a folder")?;
    Ok(folder.join("wit"))
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).map_err(|e| format!("{}: {e}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

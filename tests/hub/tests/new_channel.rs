//! `cargo hub new channel`, in a copy of this very workspace: what it makes builds, keeps the contract, and is all that
//! changed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails by it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A copy of what the next commit would hold.
struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    fn copy() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .unwrap_or_else(|error| panic!("git says which files belong to the workspace: {error}"));
        assert!(listed.status.success(), "git says which files belong to the workspace");
        for name in String::from_utf8(listed.stdout).unwrap().split_terminator('\0') {
            // One that is deleted and not committed yet is left out.
            let Ok(original) = fs::metadata(root.join(name)) else { continue };
            let to = folder.path().join(name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(&to, fs::read(root.join(name)).unwrap()).unwrap();
            // As old as the original, so that cargo takes what the last run of this test built.
            let copy = fs::File::options().write(true).open(&to).unwrap();
            copy.set_modified(original.modified().unwrap()).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let (mut found, mut folders) = (BTreeMap::new(), vec![self.folder.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().replace('\\', "/");
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
        found
    }

    /// Runs something in the copy, without what cargo told this test about the original.
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let about_this = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
            if about_this || name.starts_with("HUIDAN_") || ["CARGO_CRATE_NAME", "LD_LIBRARY_PATH"].contains(&&*name) {
                command.env_remove(name);
            }
        }
        // The folder that this test was built into: what comes from elsewhere is compiled there already.
        let hub = Path::new(env!("CARGO_BIN_EXE_hub"));
        let target = hub.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).unwrap();
        command.env("CARGO_TARGET_DIR", target).current_dir(self.folder.path()).stdin(Stdio::null());
        command.args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"))
    }

    fn hub(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(env!("CARGO_BIN_EXE_hub"), arguments);
        (output.status.code().unwrap(), said(&output))
    }

    fn cargo(&self, arguments: &[&str]) -> String {
        let output = self.run(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), arguments);
        assert!(output.status.success(), "cargo {arguments:?}: {}", said(&output));
        said(&output)
    }

    /// Settings by which cargo keeps the shared crates of the copy apart from those of the original: both have the same
    /// names and the same folder to be built into. What comes from elsewhere is compiled once for both.
    fn apart(&self) -> Vec<String> {
        let shared = fs::read_dir(self.path("shared")).unwrap().map(|entry| entry.unwrap().file_name());
        let name = |folder: std::ffi::OsString| folder.into_string().unwrap();
        shared.map(|folder| format!("profile.native.package.huidan-{}.codegen-units=15", name(folder))).collect()
    }

    /// Runs cargo in the profile `native` for the new channel.
    fn cargo_native(&self, command: &str, arguments: &[&str]) -> String {
        let apart = self.apart();
        let settings = apart.iter().flat_map(|setting| ["--config", setting.as_str()]);
        let usual = [command, "--offline", "--profile", "native", "-p", "channel-twelfth"];
        self.cargo(&usual.into_iter().chain(settings).chain(arguments.iter().copied()).collect::<Vec<_>>())
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_twelfth_channel_is_one_folder_and_one_block() {
    let tree = Tree::copy();
    let before = tree.files();
    let (code, said) = tree.hub(&["new", "channel", "twelfth"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("functions/channel/twelfth/README.md"), "{said}");

    let tested = tree.cargo_native("test", &[]);
    assert!(tested.contains("test it_keeps_the_contract_of_a_channel ... ok"), "{tested}");
    tree.cargo(&["fmt", "-p", "channel-twelfth", "--check"]);
    tree.cargo_native("clippy", &["--all-targets", "--", "-D", "warnings"]);

    let after = tree.files();
    for (name, text) in &after {
        let theirs = name.starts_with("functions/channel/twelfth/") || ["spin.toml", "Cargo.lock"].contains(&&**name);
        assert!(theirs || before.get(name) == Some(text), "{name} changed");
        let place = ["__name__", "__Name__", "__var__", "__crate__"].iter().find(|place| contains(text, place));
        assert!(!name.contains("twelfth") || place.is_none(), "{name} still holds {place:?}");
    }
    assert!(before.keys().all(|name| after.contains_key(name)), "a file is gone");
    a_block_is_all_that_is_new(&before["spin.toml"], &tree.read("spin.toml"));
    let shell = tree.read("functions/channel/twelfth/src/shell.rs");
    assert!(shell.lines().count() <= 12 && !shell.contains("if "), "a shell decides nothing");
}

fn contains(text: &[u8], words: &str) -> bool {
    text.windows(words.len()).any(|window| window == words.as_bytes())
}

/// Every line that was there is there in its order; the new ones grant the channel its own and no more.
fn a_block_is_all_that_is_new(before: &[u8], after: &str) {
    let before = String::from_utf8(before.to_vec()).unwrap();
    let mut old = before.lines().peekable();
    let new: Vec<&str> = after.lines().filter(|line| old.next_if_eq(line).is_none()).collect();
    assert_eq!(old.next(), None, "a line of spin.toml is gone");
    for line in [
        "route = \"/webhook/twelfth/:shop\"",
        "[component.channel-twelfth]",
        "source = \"target/components/channel-twelfth.wasm\"",
        "sqlite_databases = [\"edge\"]",
        "credential_key = \"{{ credential_key }}\"",
        "twelfth_url = { default = \"https://api.twelfth.example\" }",
    ] {
        assert!(new.contains(&line), "{line} is not among {new:?}");
    }
    let own = ["twelfth", "edge", "credential_key", "internal_token", "allow_private_hosts", "[[trigger.http]]"];
    assert!(new.iter().all(|line| line.is_empty() || own.iter().any(|own| line.contains(own))), "{new:?}");
}

#[test]
fn what_is_there_already_is_not_written_over() {
    let tree = Tree::copy();
    let before = tree.files();
    for (name, code, remedy) in [
        ("taobao", 1, "choose another name"),
        ("sf", 1, "spin.toml: sf_url"),
        ("Corner Shop", 2, "such as corner-shop"),
        ("page", 2, "such as page-shop"),
    ] {
        let (ended, said) = tree.hub(&["new", "channel", name]);
        assert_eq!(ended, code, "{name}: {said}");
        assert!(said.contains(remedy) && said.contains("错误："), "{name}: {said}");
    }
    assert!(tree.files() == before, "something was written");
}

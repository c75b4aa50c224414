//! `cargo hub new channel NAME`: a folder from the template, and its block in `spin.toml`. Nothing else is touched.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};
use crate::say;
use crate::spin_toml;
use crate::workspace::Workspace;

/// The template, as plain files; [`Names::fill`] says what is put in.
const TEMPLATES: &str = "tests/hub/templates";
/// Longest name: with it every line of the template still fits the width that rustfmt keeps.
const LONGEST: usize = 32;

/// The spellings of one name.
#[derive(Debug, PartialEq, Eq)]
struct Names {
    /// `corner-shop`: folder, route, manifest.
    id: String,
    /// `CornerShop`: the type.
    kind: String,
    /// `corner_shop`: variables of `spin.toml`.
    var: String,
}

/// Writes a new channel.
pub(crate) fn channel(workspace: &Workspace, name: &str) -> Result<()> {
    let names = Names::parse(name)?;
    let templates = workspace.root.join(TEMPLATES);
    let files = files(&templates.join("channel"))?;
    names.clash_with_no_word(&files)?;
    let folder = workspace.root.join("functions/channel").join(&names.id);
    if folder.exists() {
        return Err(taken(name, &format!("functions/channel/{name}")));
    }
    let manifest = workspace.root.join("spin.toml");
    let before = fs::read_to_string(&manifest).on(manifest.display())?;
    if let Some(word) = spin_toml::speaks_of(&before, &names.id, &names.var) {
        return Err(taken(name, &format!("spin.toml: {word}")));
    }
    let part = |file: &str| fs::read_to_string(templates.join(file)).on(file).map(|text| names.fill(&text));
    let variables = part("channel.variables.toml")?;
    let after = spin_toml::with_channel(&before, &variables, &part("channel.spin.toml")?)?;

    // The folder first: half of one is taken away again, and a block without a folder would break every build.
    let written = write(&folder, &files, &names).and_then(|()| replace(&manifest, &after));
    if let Err(error) = written {
        let _half = fs::remove_dir_all(&folder);
        return Err(error);
    }
    tell(&names, files.len());
    Ok(())
}

impl Names {
    /// # Errors
    ///
    /// The name is no name of a folder, a crate and a route at once; the error says what is.
    fn parse(name: &str) -> Result<Self> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let shaped = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(good);
        if !shaped || name.ends_with('-') || name.contains("--") || name.len() > LONGEST {
            return Err(Error::usage(
                format!(
                    "“{name}”不能作名称：请用小写字母、数字和单个连字符，以字母开头，不超过 {LONGEST} 个字符，如 corner-shop"
                ),
                format!(
                    "\"{name}\" is no name: use a-z, 0-9 and single hyphens, a letter first, {LONGEST} characters at \
                     most, such as corner-shop"
                ),
            ));
        }
        let capital = |word: &str| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        };
        Ok(Self { id: name.to_owned(), kind: name.split('-').map(capital).collect(), var: name.replace('-', "_") })
    }

    /// A type called as one that the template uses would not compile.
    fn clash_with_no_word(&self, files: &[(PathBuf, String)]) -> Result<()> {
        let is_word = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == self.kind);
        let code = files.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "rs"));
        if self.kind != "Self" && !code.into_iter().any(|(_, text)| is_word(text)) {
            return Ok(());
        }
        let (id, kind) = (&self.id, &self.kind);
        Err(Error::usage(
            format!("“{id}”会得到类型 {kind}，与代码里的词相同；请换一个名称，如 {id}-shop"),
            format!("\"{id}\" would make a type {kind}, a word of the code; choose another name, such as {id}-shop"),
        ))
    }

    /// The template's text with the name put in.
    fn fill(&self, text: &str) -> String {
        let krate = format!("channel_{}", self.var);
        let pairs = [("__name__", &self.id), ("__Name__", &self.kind), ("__var__", &self.var), ("__crate__", &krate)];
        pairs.into_iter().fold(text.to_owned(), |text, (place, name)| text.replace(place, name))
    }
}

fn taken(name: &str, by: &str) -> Error {
    Error::new(
        format!("已有“{name}”（{by}）；请换一个名称，或先删除旧的。什么都没有改动"),
        format!(
            "there is a \"{name}\" already ({by}); choose another name, or remove the old one first. Nothing was changed"
        ),
    )
}

/// All files below a folder, by their paths from there, sorted.
fn files(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let at = folder.join(&inner);
        for entry in at.read_dir().on(at.display())? {
            let entry = entry.on(at.display())?;
            let (path, inner) = (entry.path(), inner.join(entry.file_name()));
            if path.is_dir() {
                folders.push(inner);
            } else {
                found.push((inner, fs::read_to_string(&path).on(path.display())?));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn write(folder: &Path, files: &[(PathBuf, String)], names: &Names) -> Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).on(parent.display())?;
        }
        fs::write(&path, names.fill(text)).on(path.display())?;
    }
    Ok(())
}

/// Complete under its name, or as it was.
fn replace(path: &Path, text: &str) -> Result<()> {
    let unfinished = path.with_extension("toml.new");
    fs::write(&unfinished, text).on(unfinished.display())?;
    fs::rename(&unfinished, path).on(path.display())
}

fn tell(names: &Names, files: usize) {
    let id = &names.id;
    say::line(
        format!("已写入 functions/channel/{id}/（{files} 个文件）和 spin.toml 中的一段"),
        format!("written: functions/channel/{id}/ ({files} files) and its block in spin.toml"),
    );
    say::line("它能通过全部契约测试", "it keeps the whole contract as it is; see for yourself");
    println!("     cargo test --profile native -p channel-{id}");
    say::line(
        format!("接下来：按 functions/channel/{id}/README.md 的次序，换成真正平台的样本、地址和签名"),
        "next: put in the real platform's samples, addresses and signature, as its README.md says",
    );
    say::line("下一次编译会把它记入 Cargo.lock", "the next build enters it in Cargo.lock");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_its_spellings() {
        for (name, kind, var) in [("twelfth", "Twelfth", "twelfth"), ("a-1-b2", "A1B2", "a_1_b2")] {
            let names = Names::parse(name).unwrap();
            assert_eq!((names.kind.as_str(), names.var.as_str()), (kind, var));
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_an_example_of_one() {
        let long = "a".repeat(33);
        for name in ["", "Shop", "1shop", "-shop", "shop-", "a--b", "my_shop", "店", "../up", "a/b", long.as_str()] {
            let error = Names::parse(name).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{name}");
            assert!(error.to_string().contains("corner-shop"), "{error}");
        }
    }

    #[test]
    fn a_word_of_the_code_is_no_name() {
        let files = [(PathBuf::from("src/lib.rs"), "use a::{Page, Reading};".to_owned())];
        for (name, good) in [("page", false), ("self", false), ("pages", true), ("read", true)] {
            assert_eq!(Names::parse(name).unwrap().clash_with_no_word(&files).is_ok(), good, "{name}");
        }
    }

    #[test]
    fn every_place_is_filled() {
        let names = Names::parse("corner-shop").unwrap();
        let filled = names.fill("__name__ __Name__ {{ __var___url }} use __crate__::__Name__;");
        assert_eq!(filled, "corner-shop CornerShop {{ corner_shop_url }} use channel_corner_shop::CornerShop;");
    }
}

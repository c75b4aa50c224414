use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A vector: what goes in, and what must come out.
#[derive(Debug, Clone, Deserialize)]
pub struct Vector {
    /// Its name.
    pub id: String,
    /// Where it comes from: `published` by the other side, or `computed` by somebody who has not read the code.
    pub origin: String,
    /// What goes in, by name.
    pub inputs: BTreeMap<String, String>,
    /// What must come out.
    pub expected: String,
}

impl Vector {
    /// What goes in under that name.
    ///
    /// # Panics
    /// When nothing does.
    pub fn input(&self, name: &str) -> &str {
        self.inputs.get(name).unwrap_or_else(|| panic!("{} has an input {name}", self.id))
    }
}

/// Computes every vector of a file, a JSON list of [`Vector`]s, and compares.
///
/// # Panics
/// When one comes out otherwise, or there is none.
pub fn vectors(file: impl AsRef<Path>, compute: impl Fn(&Vector) -> String) {
    let file = file.as_ref();
    let read = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let vectors: Vec<Vector> =
        serde_json::from_str(&read).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert!(!vectors.is_empty(), "{} holds no vectors", file.display());
    for vector in vectors {
        assert_eq!(compute(&vector), vector.expected, "{}", vector.id);
    }
}

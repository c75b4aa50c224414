use huidan_telling::{document, manifests};
use std::path::Path;

#[test]
fn the_table_of_what_channels_take_is_true_to_their_manifests() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/channel/README.md");
    huidan_testkit::golden::golden(file, &document());
}

#[test]
fn every_channel_of_the_house_is_in_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/channel");
    let mut folders: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    assert_eq!(manifests().iter().map(|manifest| manifest.id).collect::<Vec<_>>(), folders);
}

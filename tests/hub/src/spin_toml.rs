//! What `cargo hub new` changes in `spin.toml`: text is put in, and every line that was there stays as it was.

use crate::error::{Error, Result};

/// The word by which a manifest speaks of a channel of that name already.
pub(crate) fn speaks_of(manifest: &str, id: &str, var: &str) -> Option<String> {
    let words = [
        format!("[component.channel-{id}]"),
        format!("component = \"channel-{id}\""),
        format!("route = \"/webhook/{id}/:shop\""),
        format!("{var}_url = "),
        format!("{var}_sandbox_url = "),
    ];
    words.into_iter().find(|word| manifest.lines().any(|line| line.starts_with(word.as_str())))
}

/// The manifest with further variables at the end of the others, and a further block behind the last channel.
///
/// # Errors
///
/// The manifest has no variables or no channels to put them behind.
pub(crate) fn with_channel(manifest: &str, variables: &str, block: &str) -> Result<String> {
    let lines: Vec<&str> = manifest.lines().collect();
    let variables_end = end_of(&lines, |line| line == "[variables]");
    let channels_end = end_of(&lines, |line| line.starts_with("[component.channel-"));
    let (Some(first), Some(second)) = (variables_end, channels_end) else {
        return Err(Error::new(
            "spin.toml 中没有 [variables] 或没有渠道；请先恢复该文件：git checkout spin.toml",
            "spin.toml has no [variables] or no channel; restore the file first: git checkout spin.toml",
        ));
    };
    let mut new = String::with_capacity(manifest.len() + variables.len() + block.len());
    for (index, line) in lines.iter().enumerate() {
        if index == first {
            new.push_str(variables);
        }
        if index == second {
            new.push_str(block);
        }
        new.push_str(line);
        new.push('\n');
    }
    if lines.len() == first {
        new.push_str(variables);
    }
    if lines.len() == second {
        new.push_str(block);
    }
    Ok(new)
}

/// Where the last table with such a heading ends: at the first blank line behind it, or at the end of the text.
fn end_of(lines: &[&str], is_heading: impl Fn(&str) -> bool) -> Option<usize> {
    let heading = lines.iter().rposition(|line| is_heading(line))?;
    let length = lines.iter().skip(heading).position(|line| line.trim().is_empty());
    Some(length.map_or(lines.len(), |length| heading + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
[variables]
a_url = { default = \"\" }

# --- channels ---

[[trigger.http]]
route = \"/webhook/a/:shop\"
component = \"channel-a\"

[component.channel-a]
source = \"a.wasm\"

[component.channel-a.variables]
a_url = \"{{ a_url }}\"

# --- the rest ---
";

    #[test]
    fn variables_and_block_come_behind_the_others_and_every_old_line_stays() {
        let new = with_channel(MANIFEST, "b_url = 1\n", "\n[component.channel-b]\nx = 2\n").unwrap();
        assert!(new.contains("a_url = { default = \"\" }\nb_url = 1\n\n# --- channels"), "{new}");
        assert!(new.contains("{{ a_url }}\"\n\n[component.channel-b]\nx = 2\n\n# --- the rest"), "{new}");
        let mut kept = new.lines().filter(|line| !["b_url = 1", "[component.channel-b]", "x = 2"].contains(line));
        assert!(MANIFEST.lines().all(|line| kept.any(|new| new == line)));
    }

    #[test]
    fn a_channel_at_the_very_end_is_followed_too() {
        let (head, _) = MANIFEST.split_once("\n# --- the rest").unwrap();
        let new = with_channel(head, "b = 1\n", "\n[component.channel-b]\n").unwrap();
        assert!(new.ends_with("{{ a_url }}\"\n\n[component.channel-b]\n"), "{new}");
    }

    #[test]
    fn a_name_that_is_spoken_of_is_found_and_a_part_of_one_is_not() {
        assert_eq!(speaks_of(MANIFEST, "a", "a").as_deref(), Some("[component.channel-a]"));
        assert_eq!(speaks_of("sf_url = 1\n", "sf", "sf").as_deref(), Some("sf_url = "));
        assert_eq!(speaks_of(MANIFEST, "a-b", "a_b"), None);
        assert_eq!(speaks_of("sub_a_url = 1", "a", "a"), None);
    }

    #[test]
    fn what_is_no_manifest_of_ours_is_left_alone() {
        assert!(with_channel("[variables]\n", "", "").unwrap_err().to_string().contains("git checkout spin.toml"));
    }
}

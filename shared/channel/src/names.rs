/// A person's name from its two fields, or from the field that holds all of it where both are empty.
///
/// Names in Han characters are written family name first and without a space, all others given name first.
pub fn full_name(first: &str, last: &str, whole: &str) -> String {
    let (first, last) = (first.trim(), last.trim());
    let han = |text: &str| text.chars().all(|c| matches!(c, '\u{3400}'..='\u{9fff}'));
    match (first.is_empty(), last.is_empty()) {
        (true, true) => whole.trim().to_owned(),
        (false, false) if han(first) && han(last) => format!("{last}{first}"),
        _ => format!("{first} {last}").trim().to_owned(),
    }
}

/// The name with the company behind it, where one is given.
pub fn with_company(name: String, company: &str) -> String {
    match (name.is_empty(), company.trim()) {
        (_, "") => name,
        (true, company) => company.to_owned(),
        (false, company) => format!("{name} ({company})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_names_are_written_family_name_first() {
        assert_eq!(full_name("小明", "王", "小明 王"), "王小明");
        assert_eq!(full_name("Bob", "Norman", ""), "Bob Norman");
        assert_eq!(full_name("", "", " Bob Norman "), "Bob Norman");
        assert_eq!(full_name("Prince", "", ""), "Prince");
    }

    #[test]
    fn a_company_stands_behind_the_person() {
        assert_eq!(with_company("Bob".into(), " Acme "), "Bob (Acme)");
        assert_eq!(with_company(String::new(), "Acme"), "Acme");
        assert_eq!(with_company("Bob".into(), ""), "Bob");
    }
}

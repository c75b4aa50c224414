use super::*;

fn wanted(user: bool) -> Wanted {
    let arguments = ["run", "--hub", "https://hub.example", "--printer", "打包台 1=tcp://10.0.0.7?lang=tspl&dpi=203"];
    Wanted { program: PathBuf::from("/opt/huidan/print-bridge"), arguments: arguments.map(str::to_owned).into(), user }
}

/// Words of a line of a unit, read by systemd's rules for quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            _ if escaped => {
                word.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.into_iter().map(|word| word.replace("%%", "%").replace("$$", "$")).collect()
}

#[test]
fn a_unit_of_systemd_runs_what_was_asked_and_is_watched() {
    let unit = systemd(&wanted(false));
    let line = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    let expect: Vec<String> =
        std::iter::once("/opt/huidan/print-bridge".to_owned()).chain(wanted(false).arguments).collect();
    assert_eq!(words(&line("ExecStart=")), expect);
    assert_eq!(
        (line("Type="), line("Restart="), line("WatchdogSec=")),
        ("notify".into(), "always".into(), "60".into())
    );
    assert_eq!(line("WantedBy="), "multi-user.target");
    assert!(line("SupplementaryGroups=").contains("lp"));
    assert!(unit.find("[Unit]") < unit.find("[Service]") && unit.find("[Service]") < unit.find("[Install]"));
}

#[test]
fn signs_that_mean_something_to_a_unit_are_taken_as_they_are() {
    for word in ["100%", "a b", "$HOME", "say \"hi\"", "back\\slash", ""] {
        let line = format!("x {}", unit_word(word));
        assert_eq!(words(&line)[1], word, "{line}");
    }
}

#[test]
fn a_person_needs_no_administrator_for_a_service_of_their_own() {
    let plan = plan(Manager::Systemd, &wanted(true)).unwrap();
    assert!(plan.file.ends_with(".config/systemd/user/huidan-print-bridge.service"), "{}", plan.file.display());
    assert!(plan.text.contains("WantedBy=default.target") && !plan.text.contains("SupplementaryGroups"));
    let start: Vec<_> = plan.start[1].iter().map(|word| word.to_str().unwrap()).collect();
    assert_eq!(start, ["systemctl", "--user", "enable", "--now", "huidan-print-bridge.service"]);
}

#[test]
fn a_list_of_properties_for_launchd_keeps_every_word() {
    let text = launchd(&wanted(false));
    assert!(text.contains("<string>打包台 1=tcp://10.0.0.7?lang=tspl&amp;dpi=203</string>"), "{text}");
    assert!(text.contains("<key>KeepAlive</key>\n  <true/>"));
    assert_eq!(text.matches("<string>").count(), 1 + 6, "the label, the program and its five arguments");
    let plan = plan(Manager::Launchd, &wanted(false)).unwrap();
    assert!(plan.file.starts_with("/Library/LaunchDaemons"));
}

#[test]
fn a_task_of_windows_starts_with_the_machine_and_again_after_a_fault() {
    let text = windows(&wanted(false));
    assert!(text.contains("<BootTrigger>") && text.contains("<RestartOnFailure>"));
    let arguments = "run --hub https://hub.example --printer &quot;打包台 1=tcp://10.0.0.7?lang=tspl&amp;dpi=203&quot;";
    assert!(text.contains(arguments), "{text}");
    assert!(windows(&wanted(true)).contains("<LogonTrigger>"));
    assert_eq!(windows_word("C:\\a b\\"), "\"C:\\a b\\\\\"");
    assert_eq!(windows_word("a\\\"b"), "\"a\\\\\\\"b\"");
}

#[test]
fn the_task_scheduler_gets_its_file_in_utf_16() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("task.xml");
    write(&file, "<Task>").unwrap();
    assert_eq!(fs::read(&file).unwrap()[..4], [0xff, 0xfe, b'<', 0]);
}

#[test]
fn install_writes_and_starts_and_uninstall_stops_and_removes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/huidan.service");
    let log = folder.path().join("log");
    let note = |word: &str| {
        let script = format!("echo {word} >> {}", log.display());
        ["sh", "-c", &script].map(OsString::from).to_vec()
    };
    let plan =
        Plan { file: file.clone(), text: "[Unit]\n".into(), start: vec![note("start")], stop: vec![note("stop")] };
    plan.install().unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "[Unit]\n");
    plan.uninstall().unwrap();
    plan.uninstall().unwrap();
    assert!(!file.exists());
    assert_eq!(fs::read_to_string(&log).unwrap(), "start\nstop\nstop\n");
    let fails = Plan { start: vec![["false"].map(OsString::from).to_vec()], ..plan };
    assert!(fails.install().unwrap_err().contains("by hand: false"));
}

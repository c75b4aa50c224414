//! Sums up what programs of tests say.

/// How the last line of a program of tests begins.
const RESULT: &str = "test result: ";

/// What became of the tests so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed, and steps that failed without a test to blame.
    pub(crate) failed: u64,
    /// Tests that are marked to be left out.
    pub(crate) ignored: u64,
    /// Names of what failed.
    pub(crate) failures: Vec<String>,
    /// What could not be run on this machine, as the tests said it.
    pub(crate) not_run: Vec<String>,
}

impl Summary {
    /// Reads all that a program of tests said; the answer is why it failed, if that shows in no count: it did not start,
    /// hung, died, or ended as if all were well without saying what it had tried.
    pub(crate) fn read_program(&mut self, output: &str, problem: Option<&str>) -> Option<String> {
        let failed_before = self.failed;
        output.lines().for_each(|line| self.read(line));
        if self.failed > failed_before {
            return None;
        }
        let says_result = output.lines().any(|line| line.starts_with(RESULT));
        problem.map(str::to_owned).or_else(|| (!says_result).then(|| "no result".to_owned()))
    }

    /// Reads one line.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim_end();
        if let Some(counts) = line.strip_prefix(RESULT) {
            self.passed += count(counts, "passed");
            self.failed += count(counts, "failed");
            self.ignored += count(counts, "ignored");
        } else if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
        } else if let Some(what) = line.strip_prefix("NOT RUN: ") {
            self.not_run(what);
        }
    }

    /// Counts a step that failed.
    pub(crate) fn step_failed(&mut self, name: &str) {
        self.failed += 1;
        self.failures.push(name.to_owned());
    }

    /// Takes over what was counted elsewhere.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.failures.extend(other.failures);
        other.not_run.iter().for_each(|what| self.not_run(what));
    }

    /// Notes something that cannot be run here, once.
    pub(crate) fn not_run(&mut self, what: &str) {
        if !self.not_run.iter().any(|known| known == what) {
            self.not_run.push(what.to_owned());
        }
    }

    /// The closing line.
    pub(crate) fn closing_line(&self) -> String {
        let ignored = if self.ignored == 0 { String::new() } else { format!(", {} skipped", self.ignored) };
        format!("{} passed, {} failed{ignored}", self.passed, self.failed)
    }
}

/// The number before a word: `ok. 3 passed; 1 failed; …`.
fn count(counts: &str, word: &str) -> u64 {
    let mut words = counts.split([' ', ';', '.']).filter(|word| !word.is_empty()).peekable();
    while let Some(number) = words.next() {
        if words.peek() == Some(&word) {
            return number.parse().unwrap_or_default();
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
running 3 tests
test a::works ... ok
test a::breaks ... FAILED
test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 7 filtered out; finished in 0.00s

NOT RUN: real Spin
test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
NOT RUN: real Spin
";

    fn summary() -> Summary {
        let mut summary = Summary::default();
        OUTPUT.lines().for_each(|line| summary.read(line));
        summary
    }

    #[test]
    fn results_add_up() {
        let summary = summary();
        assert_eq!((summary.passed, summary.failed, summary.ignored), (42, 1, 4));
        assert_eq!(summary.failures, ["a::breaks"]);
    }

    #[test]
    fn what_is_not_run_is_said_once() {
        assert_eq!(summary().not_run, ["real Spin"]);
    }

    #[test]
    fn a_program_that_fails_without_a_count_of_it_is_a_failure() {
        let read = |output: &str, problem: Option<&str>| Summary::default().read_program(output, problem);
        let good = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(read(good, None), None);
        assert_eq!(read(good, Some("exit status: 101")).as_deref(), Some("exit status: 101"));
        assert_eq!(read("test a ... ok\n", Some("signal: 6")).as_deref(), Some("signal: 6"));
        assert_eq!(read("test a ... ok\n", None).as_deref(), Some("no result"));
        let bad = "test a ... FAILED\ntest result: FAILED. 2 passed; 1 failed; 0 ignored";
        assert_eq!(read(bad, Some("exit status: 101")), None, "the count has it");
    }

    #[test]
    fn what_was_counted_elsewhere_is_taken_over() {
        let mut sum = summary();
        sum.add(summary());
        assert_eq!((sum.passed, sum.failed, sum.ignored), (84, 2, 8));
        assert_eq!((sum.failures.len(), sum.not_run.len()), (2, 1));
    }

    #[test]
    fn a_failed_step_counts_as_one_failure() {
        let mut summary = summary();
        summary.step_failed("clippy");
        assert_eq!(summary.closing_line(), "42 passed, 2 failed, 4 skipped");
        assert_eq!(summary.failures, ["a::breaks", "clippy"]);
    }

    #[test]
    fn the_closing_line_stands_alone_when_nothing_is_left_out() {
        let summary = Summary { passed: 3, ..Summary::default() };
        assert_eq!(summary.closing_line(), "3 passed, 0 failed");
    }
}

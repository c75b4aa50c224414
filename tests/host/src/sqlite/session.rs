//! What a guest does to its connection, seen while SQLite prepares its statements.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rusqlite::hooks::{AuthAction, Authorization};

/// What a guest has changed about its connection, noted while statements are prepared.
#[derive(Default)]
pub(super) struct Session {
    /// Something that cannot be undone: temporary tables, an attached database, an unknown pragma.
    pub(super) changed: AtomicBool,
    /// `PRAGMA busy_timeout`, likewise, in milliseconds.
    pub(super) busy_ms: AtomicU32,
    /// The statement just prepared is a pragma.
    pub(super) pragma: AtomicBool,
    /// The host itself is asking; it is not noted.
    pub(super) quiet: AtomicBool,
    /// Pages in the log at the last commit.
    pub(super) log_pages: AtomicU32,
}

impl Session {
    /// Allows or refuses a part of a statement, and notes what it would change.
    pub(super) fn judge(&self, action: AuthAction<'_>) -> Authorization {
        if self.quiet.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        match action {
            // `VACUUM INTO` attaches its target, so this refuses it too.
            AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => return Authorization::Deny,
            AuthAction::Attach { .. }
            | AuthAction::Detach { .. }
            | AuthAction::CreateTempIndex { .. }
            | AuthAction::CreateTempTable { .. }
            | AuthAction::CreateTempTrigger { .. }
            | AuthAction::CreateTempView { .. } => self.changed.store(true, Ordering::Relaxed),
            AuthAction::Pragma { pragma_name, pragma_value } => self.note(pragma_name, pragma_value),
            _ => {}
        }
        Authorization::Allow
    }

    fn note(&self, name: &str, value: Option<&str>) {
        self.pragma.store(true, Ordering::Relaxed);
        let name = name.to_ascii_lowercase();
        match (name.as_str(), value) {
            // These change nothing, or the file and not the connection.
            (_, None)
            | (
                "journal_mode" | "user_version" | "application_id" | "table_info" | "table_xinfo" | "table_list"
                | "index_list" | "index_info" | "index_xinfo" | "foreign_key_list" | "foreign_key_check"
                | "integrity_check" | "quick_check" | "wal_checkpoint" | "optimize" | "incremental_vacuum"
                | "synchronous",
                Some(_),
            ) => {}
            ("busy_timeout", Some(value)) => match value.trim().parse() {
                Ok(ms) => self.busy_ms.store(ms, Ordering::Relaxed),
                Err(_) => self.changed.store(true, Ordering::Relaxed),
            },
            (_, Some(_)) => self.changed.store(true, Ordering::Relaxed),
        }
    }
}

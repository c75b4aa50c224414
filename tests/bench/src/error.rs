/// What went wrong, in a sentence for the person who runs the benchmark.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// A result of the benchmark.
pub(crate) type Result<T> = std::result::Result<T, Error>;

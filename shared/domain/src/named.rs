/// A stored or received name that none of the known cases bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// Which list of names was asked.
    pub list: &'static str,
    /// The name as it came.
    pub name: String,
}

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown {} name {:?}", self.list, self.name)
    }
}

impl std::error::Error for UnknownName {}

/// Declares an enum whose cases are stored and sent by name, so that a reordering of the source can never change
/// what a stored row means.
macro_rules! named {
    ($(#[$meta:meta])* $list:ident { $($(#[$case_meta:meta])* $case:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list { $($(#[$case_meta])* $case),+ }

        impl $list {
            /// Every case, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// The name this case is stored and sent by.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$case => $name),+ }
            }

            /// The case of that name.
            ///
            /// # Errors
            /// The name, when no case bears it.
            pub fn parse(name: &str) -> Result<Self, $crate::UnknownName> {
                match name {
                    $($name => Ok(Self::$case),)+
                    _ => Err($crate::UnknownName { list: stringify!($list), name: name.to_owned() }),
                }
            }
        }

        impl std::fmt::Display for $list {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use named;

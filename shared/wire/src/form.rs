//! How a domain value is written and read: `#[serde(with = "huidan_wire::form")]` on a field of a domain type.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A domain type and its written form.
pub trait Form: Sized {
    /// The written form.
    type Wire: Serialize + for<'de> Deserialize<'de>;
    /// To the written form.
    fn to_wire(&self) -> Self::Wire;
    /// From the written form.
    ///
    /// # Errors
    /// A sentence naming what is wrong.
    fn from_wire(wire: Self::Wire) -> Result<Self, String>;
}

impl<T: Form> Form for Vec<T> {
    type Wire = Vec<T::Wire>;
    fn to_wire(&self) -> Self::Wire {
        self.iter().map(Form::to_wire).collect()
    }
    fn from_wire(wire: Self::Wire) -> Result<Self, String> {
        wire.into_iter().map(T::from_wire).collect()
    }
}

impl<T: Form> Form for Option<T> {
    type Wire = Option<T::Wire>;
    fn to_wire(&self) -> Self::Wire {
        self.as_ref().map(Form::to_wire)
    }
    fn from_wire(wire: Self::Wire) -> Result<Self, String> {
        wire.map(T::from_wire).transpose()
    }
}

/// Writes.
///
/// # Errors
/// The serializer's.
pub fn serialize<T: Form, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_wire().serialize(serializer)
}

/// Reads.
///
/// # Errors
/// The deserializer's, or the form's own.
pub fn deserialize<'de, T: Form, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::from_wire(T::Wire::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

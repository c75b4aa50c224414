//! The step that reads wishes out of remarks

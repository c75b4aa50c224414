//! The step that lets a package pass or holds it for a person

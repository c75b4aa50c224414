//! The step that brings Chinese addresses and phones into one form

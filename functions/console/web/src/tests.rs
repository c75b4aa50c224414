//! Tests over sample answers of the API.

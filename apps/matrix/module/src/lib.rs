//! The flagship functions.

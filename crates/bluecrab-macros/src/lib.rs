//! The attribute macros of the bluecrab crate.

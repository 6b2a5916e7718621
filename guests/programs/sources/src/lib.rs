//! This crate is empty: it exists for the dependencies in its Cargo.toml.

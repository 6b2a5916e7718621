//! Nothing: the dependencies in Cargo.toml are what counts.

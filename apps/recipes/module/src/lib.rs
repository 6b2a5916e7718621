//! The functions of docs/recipes.md, each in a module of its own.

include!(concat!(env!("OUT_DIR"), "/recipes.rs"));

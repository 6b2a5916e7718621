//! Functions for the end-to-end tests of the crate `bluecrab`: extractors, responses, the environment and failures.

pub mod fail;
pub mod give;
pub mod surround;
pub mod take;

//! Functions for the tests of `bluecrab`: what they take, what they give, what surrounds them, how they fail.

pub mod fail;
pub mod give;
pub mod surround;
pub mod take;

//! Functions for the end-to-end tests of all triggers, inputs and outputs. They return or write what they were sent.

pub mod events;
pub mod http;
pub mod storage;
pub mod tools;

//! The flagship functions. One multiplies matrices as an application developer would write it, the other as fast as
//! Bluecrab can.

mod example;
mod format;
mod hello;
mod multiply_ndarray;
mod multiply_rust;

pub use hello::hello_rust;
pub use multiply_ndarray::multiply_ndarray;
pub use multiply_rust::multiply_rust;

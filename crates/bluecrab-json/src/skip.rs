//! Skips values that the caller does not need.

use crate::error::{Error, Result};
use crate::reader::Reader;
use bluecrab_decimal::{Fault, value_length};

impl Reader<'_> {
    /// Skips a value of any kind, however deep it is nested.
    pub fn skip_value(&mut self) -> Result<()> {
        self.at += value_length(&self.bytes[self.at..]).map_err(|fault| self.fault(fault))?;
        Ok(())
    }

    /// Converts a fault to an error, and moves to its byte. The fault counts bytes from the current byte on.
    #[cold]
    pub fn fault(&mut self, fault: Fault) -> Error {
        let (Fault::Expected { at, .. } | Fault::Wrong { at, .. }) = fault;
        self.at += at;
        match fault {
            Fault::Expected { what, .. } => self.expected(what),
            Fault::Wrong { what, .. } => self.error(what),
        }
    }
}

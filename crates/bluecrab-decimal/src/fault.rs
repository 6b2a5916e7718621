//! Why a text is not JSON.

/// Why a text does not begin with a number or a value of JSON. `at` is the first byte of the text that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Something is missing, such as `a digit after the decimal point`. The byte is not what was expected.
    Expected {
        /// The byte at which it is missing.
        at: usize,
        /// What is missing.
        what: &'static str,
    },
    /// Something is wrong, such as `a number with a leading zero`.
    Wrong {
        /// The first wrong byte.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
}

impl Fault {
    /// Returns the fault of a longer text, in which this many bytes come before the text of this fault.
    #[must_use]
    pub fn behind(self, before: usize) -> Self {
        match self {
            Self::Expected { at, what } => Self::Expected { at: before + at, what },
            Self::Wrong { at, what } => Self::Wrong { at: before + at, what },
        }
    }
}

//! What an instruction costs, in units of fuel.

use wasmparser::Operator;

/// Instructions that take far longer than others. Their costs are rounded from times measured in V8, in which a unit
/// takes about half a nanosecond.
pub fn fixed(operator: &Operator<'_>) -> u32 {
    use Operator as O;
    match operator {
        O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => 8,
        O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => 8,
        O::F32Div | O::F64Div | O::F32x4Div | O::F64x2Div => 4,
        O::F32Sqrt | O::F64Sqrt | O::F32x4Sqrt | O::F64x2Sqrt => 8,
        O::CallIndirect { .. } | O::CallRef { .. } | O::ReturnCallIndirect { .. } | O::ReturnCallRef { .. } => 8,
        O::MemoryCopy { .. } | O::MemoryFill { .. } | O::MemoryInit { .. } => 32,
        O::TableGet { .. } | O::TableSet { .. } | O::TableCopy { .. } | O::TableFill { .. } | O::TableInit { .. } => {
            256
        }
        O::RefFunc { .. } => 256,
        O::MemoryGrow { .. } | O::TableGrow { .. } => 4096,
        O::Throw { .. } | O::ThrowRef | O::Rethrow { .. } => 8192,
        _ => 1,
    }
}

/// What a call of an imported function costs. The host runs such a function.
pub const IMPORT: u32 = 256;

/// What an instruction costs for each unit of a length. The instruction takes the length from the top of the stack.
///
/// A length above [`ByLength::most`] costs no more than that length. So the cost of any length is at most `i32::MAX`,
/// and the fuel cannot fall from zero to below `i32::MIN`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByLength {
    /// Half a unit for each byte: the first write to a page of the memory takes longer than the others.
    Bytes,
    /// 32,768 units for each page.
    Pages,
    /// 16 units for each entry.
    Entries,
}

impl ByLength {
    /// The length from which on the cost stays the same.
    pub fn most(self) -> u32 {
        match self {
            Self::Bytes => 0x7fff_ffff,
            Self::Pages => 0xffff,
            Self::Entries => 0x3ff_ffff,
        }
    }

    pub fn of(operator: &Operator<'_>) -> Option<Self> {
        use Operator as O;
        match operator {
            O::MemoryCopy { .. } | O::MemoryFill { .. } | O::MemoryInit { .. } => Some(Self::Bytes),
            O::MemoryGrow { .. } => Some(Self::Pages),
            O::TableCopy { .. } | O::TableFill { .. } | O::TableInit { .. } | O::TableGrow { .. } => {
                Some(Self::Entries)
            }
            _ => None,
        }
    }
}

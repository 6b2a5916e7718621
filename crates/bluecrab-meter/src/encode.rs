//! Encodes the copy: the module with the fuel and the instructions that count it down.

use crate::charges::Point;
use crate::cost::ByLength;
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, InstructionSink,
    Module, SectionId, ValType,
};
use wasmparser::types::TypesRef;
use wasmparser::{CustomSectionReader, ExportSectionReader, FunctionBody, GlobalSectionReader};

/// The exported global that holds the fuel, a mutable `i32`.
pub const FUEL: &str = "bluecrab_fuel";
/// The library refuses a module with a longer function.
const MAX_FUNCTION_BYTES: usize = 512 << 10;

/// Why a module has no metered copy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The module is invalid, or uses instructions or types that cannot be counted.
    #[error("it is not a module whose instructions can be counted: {0}")]
    Unsupported(#[from] wasmparser::Error),
    /// The module has an export with the name of the fuel.
    #[error("it has an export `{FUEL}` of its own")]
    Reserved,
    /// The metered copy would be refused.
    #[error("its function {0} would be longer than 512 KiB in the copy")]
    TooLong(u32),
    /// The copy could not be encoded.
    #[error("the copy cannot be encoded: {0}")]
    Encode(String),
}

type Result<T = ()> = std::result::Result<T, reencode::Error<Error>>;

pub struct Encoder<'a> {
    types: TypesRef<'a>,
    imported: u32,
    /// The points of each defined function.
    points: Vec<Vec<Point>>,
    /// The index of the global that holds the fuel. It is the last global, so that all others keep their index.
    fuel: u32,
    /// The number of function bodies that have been encoded.
    encoded: u32,
    has_globals: bool,
    has_exports: bool,
}

impl<'a> Encoder<'a> {
    pub fn new(types: TypesRef<'a>, imported: u32, points: Vec<Vec<Point>>) -> Self {
        let fuel = types.global_count();
        Self { types, imported, points, fuel, encoded: 0, has_globals: false, has_exports: false }
    }

    fn declare_fuel(&mut self, globals: &mut GlobalSection) {
        self.has_globals = true;
        let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::i32_const(i32::MAX));
    }

    fn export_fuel(&mut self, exports: &mut ExportSection) {
        self.has_exports = true;
        exports.export(FUEL, ExportKind::Global, self.fuel);
    }

    fn charge(&self, code: &mut InstructionSink<'_>, cost: u32) {
        code.global_get(self.fuel).i32_const(cost as i32);
        self.subtract(code);
    }

    /// Charges for the length on top of the stack and leaves it there. Needs a local variable for it.
    fn charge_length(&self, code: &mut InstructionSink<'_>, by: ByLength, local: u32) {
        let most = by.most() as i32;
        code.local_tee(local).global_get(self.fuel);
        code.local_get(local).i32_const(most).local_get(local).i32_const(most).i32_lt_u().select();
        match by {
            ByLength::Bytes => code.i32_const(1).i32_shr_u(),
            ByLength::Pages => code.i32_const(15).i32_shl(),
            ByLength::Entries => code.i32_const(4).i32_shl(),
        };
        self.subtract(code);
    }

    /// Takes the cost and the fuel from the stack, and traps if the cost is higher. The fuel was not negative and the
    /// cost is at most `i32::MAX`, so the difference is an `i32`.
    fn subtract(&self, code: &mut InstructionSink<'_>) {
        code.i32_sub().global_set(self.fuel).global_get(self.fuel).i32_const(0).i32_lt_s();
        code.if_(BlockType::Empty).unreachable().end();
    }
}

impl Reencode for Encoder<'_> {
    type Error = Error;

    fn parse_global_section(&mut self, globals: &mut GlobalSection, section: GlobalSectionReader<'_>) -> Result {
        utils::parse_global_section(self, globals, section)?;
        self.declare_fuel(globals);
        Ok(())
    }

    fn parse_export_section(&mut self, exports: &mut ExportSection, section: ExportSectionReader<'_>) -> Result {
        for export in section.clone() {
            if export?.name == FUEL {
                return Err(reencode::Error::UserError(Error::Reserved));
            }
        }
        utils::parse_export_section(self, exports, section)?;
        self.export_fuel(exports);
        Ok(())
    }

    /// Adds the section of the globals or the exports if the module has no such section.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        next: Option<SectionId>,
    ) -> Result {
        use SectionId as S;
        let globals_may_follow = matches!(
            next,
            Some(S::Type | S::Import | S::Function | S::Table | S::Memory | S::Tag | S::Global | S::Custom)
        );
        if !globals_may_follow && !self.has_globals {
            let mut globals = GlobalSection::new();
            self.declare_fuel(&mut globals);
            module.section(&globals);
        }
        if !globals_may_follow && next != Some(S::Export) && !self.has_exports {
            let mut exports = ExportSection::new();
            self.export_fuel(&mut exports);
            module.section(&exports);
        }
        Ok(())
    }

    /// Leaves out sections with positions in the code, because the copy's code has other positions.
    fn parse_custom_section(&mut self, module: &mut Module, section: CustomSectionReader<'_>) -> Result {
        let name = section.name();
        let has_positions = [".debug_", "reloc.", "metadata.code."].iter().any(|start| name.starts_with(start))
            || ["linking", "sourceMappingURL", "external_debug_info"].contains(&name);
        if has_positions { Ok(()) } else { utils::parse_custom_section(self, module, section) }
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result {
        let index = self.encoded;
        self.encoded += 1;
        let ty = self.types.core_function_at(self.imported + index);
        let mut next_local = self.types[ty].unwrap_func().params().len() as u32;
        let mut locals = Vec::new();
        for pair in body.get_locals_reader()? {
            let (count, ty) = pair?;
            next_local = next_local.saturating_add(count);
            locals.push((count, self.val_type(ty)?));
        }
        let operators = body.get_operators_reader()?.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        if operators.iter().any(|operator| ByLength::of(operator).is_some()) {
            locals.push((1, ValType::I32));
        }
        let mut function = Function::new(locals);
        let mut points = std::mem::take(&mut self.points[index as usize]).into_iter().peekable();
        for (at, operator) in operators.into_iter().enumerate() {
            while let Some(point) = points.next_if(|point| point.before == at) {
                self.charge(&mut function.instructions(), point.cost);
            }
            if let Some(by) = ByLength::of(&operator) {
                self.charge_length(&mut function.instructions(), by, next_local);
            }
            function.instruction(&self.instruction(operator)?);
        }
        if function.byte_len() > MAX_FUNCTION_BYTES {
            return Err(reencode::Error::UserError(Error::TooLong(self.imported + index)));
        }
        code.function(&function);
        Ok(())
    }
}

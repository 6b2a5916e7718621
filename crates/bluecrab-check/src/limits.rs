//! Refuses modules with parts that the runtime library could not limit: sections 1 and 10.

use crate::report::Broken;
use std::ops::Range;
use wasmparser::{BinaryReaderError, CompositeInnerType, Parser, Payload, RecGroup, Table, TableInit};

/// How many entries all tables together may have when the module starts.
const MAX_TABLE_ENTRIES: u64 = 100_000;

/// Checks the sections of a module. Sections that cannot be parsed pass, because the validation reports them later.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Broken> {
    Parser::new(0).parse_all(bytes).map_while(Result::ok).try_for_each(|payload| section(payload).unwrap_or(Ok(())))
}

fn section(payload: Payload<'_>) -> Result<Result<(), Broken>, BinaryReaderError> {
    Ok(match payload {
        Payload::TypeSection(types) => {
            let length = of_length("types", &types.range(), 32 << 10);
            let groups = types.into_iter().collect::<Result<Vec<_>, _>>()?;
            length.and_then(|()| of_types(&groups))
        }
        Payload::MemorySection(memories) => {
            let memories = memories.into_iter().collect::<Result<Vec<_>, _>>()?;
            if memories.iter().any(|memory| memory.shared) {
                Err(Broken::new(1, "the memory of the module is shared, which is not allowed"))
            } else if memories.len() > 1 {
                Err(Broken::new(10, format!("the module has {} memories; one is allowed", memories.len())))
            } else {
                Ok(())
            }
        }
        Payload::TableSection(tables) => of_tables(&tables.into_iter().collect::<Result<Vec<_>, _>>()?),
        Payload::ImportSection(imports) => of_length("imports", &imports.range(), 256 << 10),
        Payload::FunctionSection(functions) => of_length("functions", &functions.range(), 256 << 10),
        Payload::TagSection(tags) => of_length("tags", &tags.range(), 32 << 10),
        Payload::GlobalSection(globals) => of_length("globals", &globals.range(), 1 << 20),
        Payload::ExportSection(exports) => of_length("exports", &exports.range(), 1 << 20),
        Payload::ElementSection(elements) => of_length("element segments", &elements.range(), 1 << 20),
        _ => Ok(()),
    })
}

fn of_length(what: &str, range: &Range<u64>, most: u64) -> Result<(), Broken> {
    let length = range.end - range.start;
    if length <= most {
        return Ok(());
    }
    Err(Broken::new(10, format!("the {what} have {length} bytes; at most {most} are allowed")))
}

fn of_types(groups: &[RecGroup]) -> Result<(), Broken> {
    let is_function = |group: &RecGroup| {
        let mut types = group.types();
        !group.is_explicit_rec_group()
            && types.all(|ty| ty.is_final && matches!(ty.composite_type.inner, CompositeInnerType::Func(_)))
    };
    if groups.iter().all(is_function) {
        return Ok(());
    }
    Err(Broken::new(10, "the module has types of garbage-collected objects, whose memory cannot be limited"))
}

fn of_tables(tables: &[Table<'_>]) -> Result<(), Broken> {
    let total = tables.iter().fold(0_u64, |sum, table| sum.saturating_add(table.ty.initial));
    if tables.iter().any(|table| table.ty.table64 || table.ty.shared) {
        return Err(Broken::new(10, "a table is shared or has 64-bit indices, which is not allowed"));
    }
    if tables.iter().any(|table| matches!(table.init, TableInit::Expr(_))) {
        return Err(Broken::new(10, "a table has an initial value, which is not supported"));
    }
    if total > MAX_TABLE_ENTRIES {
        let what = format!("the tables have {total} entries at the start; at most {MAX_TABLE_ENTRIES} are allowed");
        return Err(Broken::new(10, what));
    }
    Ok(())
}

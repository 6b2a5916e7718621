//! What a module may not have, because the library could not limit it: sections 1 and 10.

use crate::report::Broken;
use wasmparser::{BinaryReaderError, CompositeInnerType, Parser, Payload, RecGroup, Table, TableInit};

/// Entries of all tables, at the start.
const MAX_TABLE_ENTRIES: u64 = 100_000;
const MAX_ELEMENT_BYTES: u64 = 1 << 20;

/// Checks a module's sections; what cannot be parsed is for the validation to report.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Broken> {
    Parser::new(0).parse_all(bytes).map_while(Result::ok).try_for_each(|payload| section(payload).unwrap_or(Ok(())))
}

fn section(payload: Payload<'_>) -> Result<Result<(), Broken>, BinaryReaderError> {
    Ok(match payload {
        Payload::TypeSection(types) => {
            types.into_iter().collect::<Result<Vec<_>, _>>().map(|groups| of_types(&groups))?
        }
        Payload::MemorySection(memories) => {
            let memories = memories.into_iter().collect::<Result<Vec<_>, _>>()?;
            if memories.iter().any(|memory| memory.shared) {
                Err(Broken::new(1, "its memory is shared, which no module's may be"))
            } else if memories.len() > 1 {
                Err(Broken::new(10, format!("it has {} memories; one is allowed", memories.len())))
            } else {
                Ok(())
            }
        }
        Payload::TableSection(tables) => of_tables(&tables.into_iter().collect::<Result<Vec<_>, _>>()?),
        Payload::ElementSection(elements) => match elements.range().end - elements.range().start {
            length if length > MAX_ELEMENT_BYTES => {
                let what = format!("its element segments have {length} bytes; the most is {MAX_ELEMENT_BYTES}");
                Err(Broken::new(10, what))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    })
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
    Err(Broken::new(10, "it has types of garbage-collected objects, whose memory cannot be limited"))
}

fn of_tables(tables: &[Table<'_>]) -> Result<(), Broken> {
    let total = tables.iter().fold(0_u64, |sum, table| sum.saturating_add(table.ty.initial));
    if tables.iter().any(|table| table.ty.table64 || table.ty.shared) {
        return Err(Broken::new(10, "a table is shared or has 64-bit indices; neither is allowed"));
    }
    if tables.iter().any(|table| matches!(table.init, TableInit::Expr(_))) {
        return Err(Broken::new(10, "a table has an initial value, which is not supported"));
    }
    if total > MAX_TABLE_ENTRIES {
        let what = format!("its tables have {total} entries from the start; the most is {MAX_TABLE_ENTRIES}");
        return Err(Broken::new(10, what));
    }
    Ok(())
}

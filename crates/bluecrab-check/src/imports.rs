//! Checks and provides the imports of a module: section 5.

use crate::poll::{EBADF, EINVAL, SUCCESS, clock, poll};
use crate::report::{Broken, Report};
use crate::state::{OUTSIDE, State};
use wasmi::{Caller, Error, Extern, FuncType, Linker, Memory, Module, Val, ValType};

const WASI: &str = "wasi_snapshot_preview1";
const ENOSYS: i32 = 52;
const ESPIPE: i32 = 70;

const FDSTAT_BYTES: usize = 24;
const CHARACTER_DEVICE: u8 = 2;
const FDSTAT_RIGHTS: usize = 8;
const RIGHT_FD_READ: u8 = 1 << 1;
const RIGHT_FD_WRITE: u8 = 1 << 6;

/// The WASI functions whose first parameter is a file descriptor, without the prefix `fd_`.
const OF_DESCRIPTORS: [&str; 21] = [
    "advise",
    "allocate",
    "close",
    "datasync",
    "fdstat_get",
    "fdstat_set_flags",
    "fdstat_set_rights",
    "filestat_get",
    "filestat_set_size",
    "filestat_set_times",
    "pread",
    "prestat_get",
    "prestat_dir_name",
    "pwrite",
    "read",
    "readdir",
    "renumber",
    "seek",
    "sync",
    "tell",
    "write",
];
const OTHERS: [&str; 11] = [
    "args_get",
    "args_sizes_get",
    "clock_res_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "poll_oneoff",
    "proc_exit",
    "proc_raise",
    "random_get",
    "sched_yield",
];

pub(crate) fn check(module: &Module, report: &mut Report<'_>) {
    let log = FuncType::new([ValType::I32; 3], []);
    for import in module.imports() {
        let (from, name, function) = (import.module(), import.name(), import.ty().func());
        let result = match function {
            Some(found) if from == "bluecrab" && name == "log" && *found != log => {
                Err("its type must be (u32, u32, u32) -> ()")
            }
            Some(_) if from == "bluecrab" && name == "log" => continue,
            Some(_) if from == WASI && (is_of_descriptors(name) || OTHERS.contains(&name)) => continue,
            _ => Err("the runtime library does not provide it"),
        };
        let result = result.map_err(|what: &str| Broken::new(5, what));
        report.add_result(5, &format!("the module imports {from}.{name}"), result);
    }
    let count = module.imports().count();
    if !report.lines().iter().any(|line| line.section == 5) {
        report.pass(5, format!("the runtime library provides all imports of the module: {count}"));
    }
}

fn is_of_descriptors(name: &str) -> bool {
    name.strip_prefix("fd_").is_some_and(|rest| OF_DESCRIPTORS.contains(&rest))
        || name.starts_with("path_")
        || name.starts_with("sock_")
}

/// Provides the imports of a module. [`check`] must have accepted all of them.
pub(crate) fn link(module: &Module, linker: &mut Linker<State>) -> Result<(), Error> {
    for import in module.imports() {
        let Some(function) = import.ty().func() else { continue };
        let (is_log, name) = (import.module() == "bluecrab", import.name().to_owned());
        linker.func_new(import.module(), import.name(), function.clone(), move |mut caller, values, results| {
            let Some(memory) = caller.get_export("memory").and_then(Extern::into_memory) else {
                return Err(Error::new("the module has no memory"));
            };
            let arguments: Vec<u32> = values.iter().map(|value| value.i32().unwrap_or_default() as u32).collect();
            if is_log {
                let [_, pointer, length] = arguments[..] else { return Ok(()) };
                return log(&mut caller, memory, pointer, length);
            }
            let error = wasi(&mut caller, memory, &name, &arguments)?;
            if let Some(result) = results.first_mut() {
                *result = Val::I32(error);
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn log(caller: &mut Caller<'_, State>, memory: Memory, pointer: u32, length: u32) -> Result<(), Error> {
    let mut entry = vec![0; length.min(8192) as usize];
    memory
        .read(&*caller, pointer as usize, &mut entry)
        .map_err(|_| Error::new("a log entry is outside of the memory"))?;
    let entry = String::from_utf8_lossy(&entry);
    // Rust prints this advice after the reason.
    if !entry.starts_with("note: run with `RUST_BACKTRACE=1`") {
        caller.data_mut().logged = entry.into_owned();
    }
    Ok(())
}

fn wasi(caller: &mut Caller<'_, State>, memory: Memory, name: &str, arguments: &[u32]) -> Result<i32, Error> {
    let argument = |index: usize| arguments.get(index).copied().unwrap_or_default();
    let started = caller.data().started;
    let mut write = |pointer: u32, bytes: &[u8]| {
        memory.write(&mut *caller, pointer as usize, bytes).map_err(|_| Error::new(OUTSIDE))
    };
    match name {
        "args_get" | "environ_get" | "sched_yield" => {}
        "args_sizes_get" | "environ_sizes_get" => {
            write(argument(0), &[0; 4])?;
            write(argument(1), &[0; 4])?;
        }
        "clock_res_get" if argument(0) < 2 => write(argument(1), &1_u64.to_le_bytes())?,
        "clock_time_get" if argument(0) < 2 => {
            write(argument(2), &clock(argument(0), started).unwrap_or_default().to_le_bytes())?;
        }
        "clock_res_get" | "clock_time_get" => return Ok(EINVAL),
        "fd_fdstat_get" if argument(0) < 3 => {
            let mut stat = [0; FDSTAT_BYTES];
            stat[0] = CHARACTER_DEVICE;
            stat[FDSTAT_RIGHTS] = if argument(0) > 0 { RIGHT_FD_WRITE } else { RIGHT_FD_READ };
            write(argument(1), &stat)?;
        }
        // The standard input is empty.
        "fd_read" if argument(0) == 0 => write(argument(3), &[0; 4])?,
        "fd_seek" | "fd_tell" | "fd_pread" | "fd_pwrite" if argument(0) < 3 => return Ok(ESPIPE),
        "fd_write" if matches!(argument(0), 1 | 2) => return print(caller, memory, arguments),
        "random_get" => {
            let (start, length) = (argument(0) as usize, argument(1) as usize);
            let bytes = memory.data_mut(&mut *caller).get_mut(start..start + length);
            let bytes = bytes.ok_or_else(|| Error::new(OUTSIDE))?;
            for (index, byte) in (0_u32..).zip(bytes) {
                *byte = (index.wrapping_mul(2_654_435_761) >> 24) as u8;
            }
        }
        "poll_oneoff" => return poll(caller, memory, arguments),
        "proc_exit" => return Err(Error::new(format!("the module called proc_exit with exit code {}", argument(0)))),
        _ => return Ok(if is_of_descriptors(name) { EBADF } else { ENOSYS }),
    }
    Ok(SUCCESS)
}

fn print(caller: &mut Caller<'_, State>, memory: Memory, arguments: &[u32]) -> Result<i32, Error> {
    let [_, vectors, count, written] = arguments[..] else { return Ok(EINVAL) };
    let outside = |_| Error::new(OUTSIDE);
    let (mut total, mut last) = (0_u32, (0, 0));
    for index in 0..count as usize {
        let mut vector = [0; 8];
        memory.read(&*caller, vectors as usize + index * 8, &mut vector).map_err(outside)?;
        let [pointer, length] =
            [0, 4].map(|at| u32::from_le_bytes([vector[at], vector[at + 1], vector[at + 2], vector[at + 3]]));
        if length > 0 {
            last = (pointer, length);
        }
        total = total.wrapping_add(length);
    }
    log(caller, memory, last.0, last.1)?;
    memory.write(&mut *caller, written as usize, &total.to_le_bytes()).map_err(outside)?;
    Ok(SUCCESS)
}

//! NumPy itself writes what is read here, and reads what is written here. Skipped, with a line that says so, if Python
//! has no NumPy; `PYTHON` names another Python.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab_matrix::{multiply, npy};
use std::ffi::OsStr;
use std::fs;
use std::io::{Write, stderr};
use std::path::Path;
use std::process::{Command, Output};

const SCRIPT: &str = r#"
import io, itertools, pathlib, sys, warnings
import numpy as np

mode, folder = sys.argv[1], pathlib.Path(sys.argv[2])
warnings.simplefilter("ignore")

class Unseekable(io.RawIOBase):
    "A pipe, for which zipfile writes data descriptors."
    def __init__(self): self.bytes = b""
    def writable(self): return True
    def write(self, piece): self.bytes += bytes(piece); return len(piece)

def concatenated(version):
    def write(file, one, two):
        for array in (one, two):
            np.lib.format.write_array(file, array, version=version)
    return write

def pipe(file, one, two):
    unseekable = Unseekable()
    np.savez_compressed(unseekable, one, two)
    file.write(unseekable.bytes)

WRITERS = {
    "save": lambda file, one, two: (np.save(file, one), np.save(file, two)),
    "version 1.0": concatenated((1, 0)),
    "version 2.0": concatenated((2, 0)),
    "version 3.0": concatenated((3, 0)),
    "savez": np.savez,
    "savez by keyword": lambda file, one, two: np.savez(file, matrixTwo=two, other=np.arange(3), matrixOne=one),
    "savez_compressed": np.savez_compressed,
    "savez_compressed by keyword": lambda file, one, two: np.savez_compressed(file, matrixOne=one, matrixTwo=two),
    "savez_compressed into a pipe": pipe,
}
SHAPES = [((3, 4), (4, 2)), ((3,), (3, 2)), ((2, 3), (3,)), ((4,), (4,)), ((), (2, 3)), ((1, 5), (5, 1)), ((70, 130), (130, 90))]
DTYPES = ["<f8", ">f8", "<f4", ">f4"]

def cases():
    random = np.random.default_rng(2019)
    for shapes, dtype, order, writer in itertools.product(SHAPES, DTYPES, "CF", WRITERS):
        one, two = (np.asarray(random.standard_normal(shape), dtype=dtype, order=order) for shape in shapes)
        yield writer, one, two
    special = np.array([[np.inf, -np.inf, np.nan], [-0.0, 5e-324, np.finfo(float).max]])
    for writer in WRITERS:
        yield writer, special, np.asfortranarray(np.eye(3) * 2)

for index, (writer, one, two) in enumerate(cases()):
    path = lambda kind: folder / f"{index}.{kind}"
    if mode == "write":
        with open(path("body"), "wb") as file:
            WRITERS[writer](file, one, two)
        continue
    for kind, expected in (("one", one), ("two", two)):
        read = np.load(path(kind))
        assert read.dtype == np.float64 and read.flags.c_contiguous, (index, writer, kind)
        assert read.shape == expected.shape, (index, writer, kind, read.shape)
        assert read.tobytes() == expected.astype("<f8").tobytes("C"), (index, writer, kind)
    answer, expected = np.load(path("answer")), np.dot(one.astype(float), two.astype(float))
    assert answer.shape == expected.shape, (index, writer, answer.shape)
    assert np.allclose(answer, expected, rtol=1e-13, atol=1e-12, equal_nan=True), (index, writer)
print(index + 1)
"#;

fn python(arguments: &[&OsStr]) -> Option<Output> {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    Command::new(python).arg("-c").args(arguments).output().ok()
}

fn run(mode: &str, folder: &Path) -> usize {
    let output = python(&[SCRIPT.as_ref(), mode.as_ref(), folder.as_ref()]).unwrap();
    assert!(output.status.success(), "{mode}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn numpy_and_we_read_each_other() {
    let version = python(&["import numpy; print(numpy.__version__)".as_ref()]).filter(|output| output.status.success());
    let Some(version) = version else {
        // Not through eprintln, which the test runner keeps to itself when a test passes.
        writeln!(stderr(), "SKIPPED: numpy_and_we_read_each_other: python3 has no NumPy (pip install numpy)").unwrap();
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npy_numpy");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let cases = run("write", &folder);
    assert!(cases > 500, "{cases}");
    for case in 0..cases {
        let file = |kind: &str| folder.join(format!("{case}.{kind}"));
        let body = fs::read(file("body")).unwrap();
        let (one, two) = npy::parse_pair(&body).unwrap_or_else(|error| panic!("case {case}: {error}"));
        fs::write(file("one"), npy::print(&one).unwrap()).unwrap();
        fs::write(file("two"), npy::print(&two).unwrap()).unwrap();
        fs::write(file("answer"), npy::print(&multiply(&one, &two).unwrap()).unwrap()).unwrap();
    }
    assert_eq!(run("check", &folder), cases);
    fs::remove_dir_all(&folder).unwrap();
    let version = String::from_utf8_lossy(&version.stdout);
    writeln!(stderr(), "{cases} bodies written and answers read by NumPy {}", version.trim()).unwrap();
}

//! A program that knows nothing of Bluecrab: the tests run it as functions. The first argument says what it does.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write, stdin, stdout};
use std::path::Path;
use std::process::exit;
use std::thread::sleep;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1).unwrap_or_default().as_str() {
        "reverse" => reverse()?,
        "page" => page(),
        "read" => read(),
        "list" => list(Path::new("/"))?,
        "change" => change(),
        "sleep" => rest()?,
        "fail" => fail(),
        "panic" => panic!("the reason of the panic"),
        "flood" => flood()?,
        "grow" => grow(),
        unknown => return Err(format!("it cannot {unknown}").into()),
    }
    Ok(())
}

/// Writes the standard input backwards.
fn reverse() -> io::Result<()> {
    let mut bytes = Vec::new();
    stdin().read_to_end(&mut bytes)?;
    bytes.reverse();
    stdout().write_all(&bytes)
}

/// Answers as a CGI script, with what it knows of the request.
fn page() {
    println!("Status: 201 Created\nContent-Type: text/html\nX-Made-By: a program\n");
    for name in ["REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "GREETING"] {
        println!("<p>{name}={}", env::var(name).unwrap_or_default());
    }
}

/// Answers with the file that the path of the request names.
fn read() {
    match fs::read_to_string(env::var("PATH_INFO").unwrap_or_default()) {
        Ok(text) => print!("Content-Type: text/x-file\n\n{text}"),
        Err(error) => print!("Status: 404\n\n{:?}", error.kind()),
    }
}

/// Lists all files, in the order of their names.
fn list(folder: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_type()?.is_dir() {
            list(&entry.path())?;
        } else {
            println!("{} {}", entry.path().display(), entry.metadata()?.len());
        }
    }
    Ok(())
}

/// Tries to change the files, and writes the error codes of WASI.
fn change() {
    let errors = [
        fs::write("/new.txt", "text").err(),
        File::create("/hello.txt").err(),
        File::options().append(true).open("/hello.txt").err(),
        fs::remove_file("/hello.txt").err(),
        fs::create_dir("/folder").err(),
        fs::rename("/hello.txt", "/texts/hello.txt").err(),
    ];
    for error in errors {
        println!("{:?}", error.and_then(|error| error.raw_os_error()));
    }
}

/// Sleeps for as many milliseconds as the standard input says.
fn rest() -> Result<(), Box<dyn Error>> {
    let wanted = Duration::from_millis(io::read_to_string(stdin())?.parse()?);
    let begin = Instant::now();
    sleep(wanted);
    println!("{}", begin.elapsed() >= wanted);
    Ok(())
}

fn fail() {
    println!("nobody sees this");
    eprintln!("the reason of the failure");
    exit(3);
}

fn flood() -> io::Result<()> {
    let line = [b'x'; 4096];
    loop {
        stdout().write_all(&line)?;
    }
}

/// Takes memory until there is no more.
fn grow() {
    let mut taken = Vec::new();
    loop {
        taken.push(vec![1_u8; 1 << 20]);
    }
}

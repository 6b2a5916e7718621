//! `?` accepts every error. The client learns nothing about it, and the log names it when the problem is sent.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab::testing::call;
use bluecrab::{Problem, Request, http};
use std::cell::RefCell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex, PoisonError};

/// Returns an error from a function by `?`, and returns the status that the client receives and the log entries.
fn answered<E: Debug + Display>(error: E) -> (u16, Vec<String>)
where
    Problem: From<E>,
{
    take_log();
    let outcome: Result<(), E> = Err(error);
    let function = |outcome: Result<(), E>| -> Result<(), Problem> { Ok(outcome?) };
    let problem = function(outcome).unwrap_err();
    assert_eq!(take_log(), [""; 0], "a problem must not be logged before it is sent");
    let response = call(|| problem.clone(), Request::get("/api/any"));
    assert!(response.text().unwrap().contains("its log says why"), "{:?}", response.text());
    (response.status(), take_log())
}

fn digits() -> std::num::ParseIntError {
    "seven".parse::<u8>().unwrap_err()
}

#[derive(Debug, Clone)]
struct Unreadable {
    cause: std::num::ParseIntError,
}

impl Display for Unreadable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("cannot read the table")
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

#[test]
fn every_error_is_internal_and_logged_once() {
    let unreadable = || Unreadable { cause: digits() };
    let digit = "invalid digit found in string";
    let both = "cannot read the table (Unreadable { cause: ParseIntError { kind: InvalidDigit } })";
    assert_logged(answered(digits()), digit);
    assert_logged(answered(unreadable()), both);
    assert_logged(answered(Box::new(unreadable())), both);
    let borrowed = &unreadable();
    assert_logged(answered(borrowed), both);
    assert_logged(answered::<Box<dyn Error>>(unreadable().into()), both);
    assert_logged(answered::<Box<dyn Error + Send>>(Box::new(unreadable())), both);
    assert_logged(answered::<Box<dyn Error + Send + Sync>>(unreadable().into()), both);
    assert_logged(answered::<Arc<dyn Error + Send + Sync>>(Arc::new(unreadable())), both);
    let context = || anyhow::Error::from(digits()).context("cannot read the table");
    assert_logged(answered(context()), "cannot read the table\n\nCaused by:\n    invalid digit found in string");
    assert_logged(answered(anyhow::anyhow!("no table")), "no table");
    assert_logged(answered("no table".to_owned()), "no table");
    assert_logged(answered("no table"), "no table");
    let sentence = "a table is missing; ".repeat(200);
    assert_eq!(answered(sentence.clone()).1, [sentence]);
    let lock = Mutex::new(0);
    assert_logged(answered(PoisonError::new(lock.lock().unwrap())), "poisoned lock");
    let long = answered(String::from_utf8(vec![0xff; 1 << 20]).unwrap_err());
    assert!(long.1[0].len() < 4096, "{} bytes in the log", long.1[0].len());
    assert_logged(long, "invalid utf-8 sequence");
}

fn assert_logged((status, log): (u16, Vec<String>), start: &str) {
    assert_eq!(status, 500);
    assert!(log.len() == 1 && log[0].starts_with(start), "{log:?}");
}

#[http]
fn recovers() -> String {
    fn fails() -> Result<u8, Problem> {
        Ok("seven".parse()?)
    }
    fails().or(Err(Problem::internal("not seven"))).map_or_else(|_| "recovered".to_owned(), |seven| seven.to_string())
}

#[test]
fn a_problem_is_not_logged_if_the_function_recovers() {
    take_log();
    assert_eq!(call(recovers, Request::get("/api/recovers")).text().unwrap(), "recovered");
    assert_eq!(take_log(), [""; 0]);
}

/// Keeps the log entries of each thread, because tests run on several threads.
struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LOG.with_borrow_mut(|log| log.push(record.args().to_string()));
    }

    fn flush(&self) {}
}

fn take_log() -> Vec<String> {
    // Fails in every test after the first, because a process has only one logger.
    drop(log::set_logger(&Logger));
    log::set_max_level(log::LevelFilter::Trace);
    LOG.take()
}

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

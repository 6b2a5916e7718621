//! `bluecrab dev` with the emulator Azurite: one that runs already, and one that the command starts.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

#[path = "../../bluecrab-host/tests/storage/azurite.rs"]
mod azurite;
mod command;
mod dev_server;
mod waiting;

use azurite::{Azurite, free_port};
use bluecrab_host::storage::{Account, Queue, Storage};
use command::command;
use dev_server::Dev;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use std::collections::HashSet;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use waiting::{PATIENCE, runs, wait_until};

const FUNCTIONS: &str = "
const { app, output } = require('@azure/functions');
const { appendFileSync, existsSync } = require('node:fs');
const jobs = { queueName: 'jobs', connection: 'AzureWebJobsStorage' };
const queue = output.storageQueue(jobs);
app.http('send', { methods: ['POST'], extraOutputs: [queue], handler: async (request, context) => {
  context.extraOutputs.set(queue, await request.text());
} });
app.http('worker', { methods: ['POST'], handler: () => ({ body: `${process.pid}` }) });
app.storageQueue('work', { ...jobs, handler: async (message) => {
  appendFileSync('begun', `${message}\\n`);
  if (existsSync('slow')) await new Promise((resolve) => setTimeout(resolve, 200));
  while (existsSync('wait')) await new Promise((resolve) => setTimeout(resolve, 20));
  appendFileSync('done', `${message}\\n`);
} });
";

fn app(connection: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    write("host.json", r#"{ "version": "2.0" }"#);
    write("package.json", r#"{ "main": "index.js" }"#);
    write("local.settings.json", &json!({ "Values": { "AzureWebJobsStorage": connection } }).to_string());
    write("index.js", FUNCTIONS);
    folder
}

fn command_for(app: &Path, variables: &[(&str, &Path)]) -> Command {
    let mut command = command(app);
    command.current_dir(app).env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    command.envs(variables.iter().copied());
    command
}

fn dev(app: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Dev {
    Dev::start(command_for(app, variables), &[&["--no-build"], arguments].concat())
}

fn lines(app: &Path, file: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        fs::read_to_string(app.join(file)).unwrap_or_default().lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn signal(process: u32, signal: Signal) {
    kill(Pid::from_raw(process.cast_signed()), signal).unwrap();
}

/// A host is killed while it works on messages. Their leases end later, and another host processes them.
#[test]
fn messages_of_a_killed_host_are_processed_by_the_next() {
    let azurite = Azurite::start();
    let app = app(&azurite.connection());
    let numbers: Vec<String> = (0..9).map(|number| number.to_string()).collect();
    fs::write(app.path().join("wait"), "").unwrap();
    let using = "[storage] using the emulator that runs on";
    let (mut killed, _) = Dev::start_until(command_for(app.path(), &[]), &["--no-build"], using);
    for number in &numbers {
        assert_eq!(killed.post("/api/send", number).0, 204);
    }
    wait_until("all messages are begun", || lines(app.path(), "begun") == numbers);
    let worker = killed.post("/api/worker", "").1.parse().unwrap();
    signal(killed.process_id(), Signal::SIGKILL);
    killed.wait();
    wait_until("the worker ends with the host", || !runs(worker));
    fs::remove_file(app.path().join("wait")).unwrap();
    let next = dev(app.path(), &[], &[]);
    assert_eq!(next.post("/api/send", "new").0, 204);
    wait_until("the new message is done", || lines(app.path(), "done") == ["new"]);
    azurite.end_leases();
    let all: Vec<String> = numbers.iter().cloned().chain(["new".to_owned()]).collect();
    wait_until("all messages are done", || lines(app.path(), "done") == all);
}

/// Two hosts share a queue of 10,000 messages. Again and again, a worker or a host is killed, each in turn.
#[test]
#[ignore = "takes minutes; `cargo xtask test --only soak` runs it"]
fn no_message_of_10_000_is_lost_when_workers_and_hosts_are_killed() {
    const MESSAGES: usize = 10_000;
    const KILLS: usize = 20;
    const QUEUED: usize = 300;
    const STANDSTILL: Duration = Duration::from_secs(15);
    // In memory, Azurite would stand still for minutes whenever it removes the texts of deleted messages.
    let azurite = Azurite::start();
    let app = app(&azurite.connection());
    // Each kill counts as a try of the messages that are being processed.
    let queues =
        json!({ "maxDequeueCount": 4 * KILLS, "maxPollingInterval": "00:00:00.100", "messageEncoding": "none" });
    fs::write(
        app.path().join("host.json"),
        json!({ "version": "2.0", "extensions": { "queues": queues } }).to_string(),
    )
    .unwrap();
    // With this file the functions are slow, so that each kill meets messages that are being processed.
    fs::write(app.path().join("slow"), "").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let jobs = Queue::new(&azurite.storage(), "jobs").unwrap();
    let begin = Instant::now();
    let done = || lines(app.path(), "done").len();
    let mut hosts = [dev(app.path(), &[], &[]), dev(app.path(), &[], &[])];
    // Azurite looks at every message of the queue in each request, so the queue is kept short.
    let mut written = 0;
    let mut feed = || {
        // Look at `done` only once: the hosts process as fast as this writes, so a new goal each time would never be
        // reached.
        let goal = MESSAGES.min(done() + QUEUED);
        while written < goal {
            runtime.block_on(jobs.put(&written.to_string())).unwrap();
            written += 1;
        }
    };
    // A busy machine may take its time, so only a standstill is a failure. Azurite may have received messages for a
    // host after its death: they come when their leases end.
    let mut wait = |enough: &dyn Fn() -> bool| {
        let (mut seen, mut since, mut jumps) = (0, Instant::now(), 1);
        while !enough() {
            feed();
            let now = done();
            if now != seen {
                (seen, since, jumps) = (now, Instant::now(), 1);
            }
            if since.elapsed() > jumps * STANDSTILL {
                azurite.end_leases();
                jumps += 1;
            }
            assert!(since.elapsed() < PATIENCE, "nothing happens after {seen} messages");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    for kill in 1..=KILLS {
        wait(&|| done() >= kill * MESSAGES / (KILLS + 1));
        let host = &mut hosts[kill / 2 % 2];
        if kill % 2 == 0 {
            let worker = host.post("/api/worker", "").1.parse().unwrap();
            signal(worker, Signal::SIGKILL);
        } else {
            signal(host.process_id(), Signal::SIGKILL);
            host.wait();
            *host = dev(app.path(), &[], &[]);
            azurite.end_leases();
        }
        println!("kill {kill} after {:.0?}", begin.elapsed());
    }
    let distinct = || lines(app.path(), "done").into_iter().collect::<HashSet<String>>().len();
    wait(&|| distinct() == MESSAGES);
    wait(&|| runtime.block_on(jobs.length()).unwrap() == 0);
    println!("the queue is empty after {:.0?}; {} calls were made", begin.elapsed(), done());
    assert!(runtime.block_on(jobs.poison().unwrap().length()).is_err(), "no message is poison");
    for host in &mut hosts {
        signal(host.process_id(), Signal::SIGTERM);
        assert_eq!(host.wait(), Some(0));
    }
}

/// Makes a cache in which Azurite is installed already.
fn cache() -> TempDir {
    let cache = tempfile::tempdir().unwrap();
    let package: serde_json::Value = serde_json::from_str(include_str!("../../../apps/azurite/package.json")).unwrap();
    let version = package["dependencies"]["azurite"].as_str().unwrap();
    let folder = cache.path().join(format!("bluecrab/azurite-{version}"));
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../apps/azurite/node_modules"),
        folder.join("node_modules"),
    )
    .unwrap();
    cache
}

fn free_ports() -> [u16; 3] {
    [(); 3].map(|()| free_port())
}

fn connection([blob, queue, table]: [u16; 3]) -> String {
    format!(
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;\
         AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\
         BlobEndpoint=http://127.0.0.1:{blob}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{queue}/devstoreaccount1;\
         TableEndpoint=http://127.0.0.1:{table}/devstoreaccount1;"
    )
}

#[test]
fn dev_starts_azurite_keeps_its_data_and_ends_it() {
    let (cache, ports) = (cache(), free_ports());
    let app = app(&connection(ports));
    let is_open = || ports.iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok());
    let data = app.path().join(".azurite");
    for round in ["one", "two"] {
        let mut dev = dev(app.path(), &[], &[("XDG_CACHE_HOME", cache.path())]);
        // The first call may come before Azurite is ready, and waits for it.
        assert_eq!(dev.post("/api/send", round).0, 204);
        wait_until("the message is done", || lines(app.path(), "done").contains(&round.to_owned()));
        assert!(is_open() && data.join(".gitignore").is_file());
        signal(dev.process_id(), Signal::SIGTERM);
        assert_eq!(dev.wait(), Some(0));
        wait_until("Azurite ends", || !is_open());
    }
    assert_eq!(lines(app.path(), "done"), ["one", "two"]);
    // Messages in the queue outlive the command.
    fs::write(app.path().join("wait"), "").unwrap();
    let mut dev_1 = dev(app.path(), &[], &[("XDG_CACHE_HOME", cache.path())]);
    assert_eq!(dev_1.post("/api/send", "three").0, 204);
    wait_until("the message is begun", || lines(app.path(), "begun").contains(&"three".to_owned()));
    signal(dev_1.process_id(), Signal::SIGKILL);
    dev_1.wait();
    wait_until("Azurite ends with the killed command", || !is_open());
    let _dev = dev(app.path(), &[], &[("XDG_CACHE_HOME", cache.path())]);
    let storage = Storage::new(Account::parse(&connection(ports)).unwrap()).unwrap();
    let length = || {
        let queue = Queue::new(&storage, "jobs").unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(async { queue.length().await.ok() })
    };
    wait_until("the message is in the queue", || length() == Some(1));
}

#[test]
fn dev_says_what_is_wrong_if_azurite_cannot_be_installed() {
    let (cache, app) = (tempfile::tempdir().unwrap(), app(&connection(free_ports())));
    let offline = [
        ("XDG_CACHE_HOME", cache.path()),
        ("npm_config_offline", Path::new("true")),
        ("npm_config_cache", cache.path()),
    ];
    let failure = "error: the functions that use storage do not run: ";
    let (_dev, said) = Dev::start_until(command_for(app.path(), &offline), &["--no-build"], failure);
    assert!(said.contains("--no-storage") && said.contains("npm could not install"), "{said}");
}

#[test]
fn no_storage_starts_no_azurite() {
    let (cache, ports) = (cache(), free_ports());
    let app = app(&connection(ports));
    let (arguments, failure) = (["--no-build", "--no-storage"], "[error] the storage at http://127.0.0.1:");
    let command = command_for(app.path(), &[("XDG_CACHE_HOME", cache.path())]);
    let (_dev, said) = Dev::start_until(command, &arguments, failure);
    assert!(said.contains("is the emulator Azurite running?"), "{said}");
    assert!(!app.path().join(".azurite").exists());
}

//! How much of the machine other programs take, from `/proc`; on systems without it nothing is known.

use crate::process::TICKS_A_SECOND;
use std::collections::HashMap;
use std::fs;
use std::time::Instant;

/// More than this share of the machine is a disturbance. `docs/bench.md` says why.
pub const LIMIT: f64 = 0.1;

/// No more than this is none, in seconds of one processor: the kernel counts in steps of 10 ms, those of the machine and
/// those of each process apart.
const LEAST: f64 = 0.05;

/// What other programs took while something was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Others {
    /// Of all processors over that time.
    pub share: f64,
    /// Whether that is too much.
    pub disturb: bool,
}

/// The processor time that was used until a moment, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    at: Instant,
    machine: Machine,
    own: f64,
}

/// That of the whole machine.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Machine {
    processors: usize,
    /// Programs', and what other machines on the same hardware took from this one.
    busy: f64,
    /// All that was counted, also what nobody used.
    all: f64,
}

impl Reading {
    /// Now. `root` and all that it started, itself or through others, are no other programs.
    pub fn now(root: u32) -> Option<Self> {
        let machine = machine(&fs::read_to_string("/proc/stat").ok()?)?;
        Some(Self { at: Instant::now(), machine, own: family_seconds(&processes()?, root)? })
    }

    /// What others took since an earlier reading.
    pub fn others_since(&self, before: &Self) -> Option<Others> {
        let capacity = self.at.duration_since(before.at).as_secs_f64() * self.machine.processors as f64;
        let others = (self.machine.busy - before.machine.busy) - (self.own - before.own);
        // A sandbox may show counters that stand still.
        (self.machine.all > before.machine.all).then(|| judged(others, capacity))
    }
}

/// Seconds that others took of those that all processors had.
fn judged(others: f64, capacity: f64) -> Others {
    let share = (others / capacity).clamp(0.0, 1.0);
    Others { share, disturb: share > LIMIT && others > LEAST }
}

/// The lines `cpu` and `cpuN` of proc_stat(5). Interrupts are left out: most of them are the network of the
/// calls. Kernels that do not account them apart have them in the time of processes, so that others seem to take less.
fn machine(stat: &str) -> Option<Machine> {
    let fields: Vec<f64> =
        stat.strip_prefix("cpu ")?.lines().next()?.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    // The time of guests, behind these, is counted in that of users too.
    let [user, nice, system, idle, waiting, interrupts, soft_interrupts, stolen, ..] = fields[..] else { return None };
    let busy = user + nice + system + stolen;
    Some(Machine {
        processors: stat.lines().skip(1).take_while(|line| line.starts_with("cpu")).count(),
        busy: busy / TICKS_A_SECOND,
        all: (busy + idle + waiting + interrupts + soft_interrupts) / TICKS_A_SECOND,
    })
}

/// A process with the processor time of itself and of those of its children that have ended.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Process {
    id: u32,
    parent: u32,
    seconds: f64,
}

fn processes() -> Option<Vec<Process>> {
    let ids = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // One that ends meanwhile is passed over; its parent has its time.
    Some(ids.filter_map(|id| process(id, &fs::read_to_string(format!("/proc/{id}/stat")).ok()?)).collect())
}

/// Fields 4 and 14 to 17 of proc_pid_stat(5). The second, the program's name, may contain anything, also `)`.
fn process(id: u32, stat: &str) -> Option<Process> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: Vec<f64> = fields.get(11..15)?.iter().map(|ticks| ticks.parse()).collect::<Result<_, _>>().ok()?;
    Some(Process { id, parent: fields.get(1)?.parse().ok()?, seconds: ticks.iter().sum::<f64>() / TICKS_A_SECOND })
}

/// The time of a process and all its descendants; nothing where there is no such process.
fn family_seconds(processes: &[Process], root: u32) -> Option<f64> {
    let mut children: HashMap<u32, Vec<&Process>> = HashMap::new();
    for process in processes {
        children.entry(process.parent).or_default().push(process);
    }
    let root = processes.iter().find(|process| process.id == root)?;
    let (mut sum, mut open) = (0.0, vec![root]);
    while let Some(process) = open.pop() {
        sum += process.seconds;
        open.extend(children.remove(&process.id).unwrap_or_default());
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const STAT: &str = "cpu  100 20 30 400 50 6 7 8 90 9\ncpu0 50 10 15 200 25 3 3 4 45 4\ncpu1 50 10 15 200 25 3 4 4 45 5\n\
                        intr 1 2 3\n";

    #[test]
    fn the_machine_is_all_its_processors() {
        let machine = machine(STAT).unwrap();
        assert_eq!(machine, Machine { processors: 2, busy: 1.58, all: 6.21 });
        for stat in ["", "intr 1", "cpu  1 2 3", "cpu  1 2 3 4 x 6 7 8"] {
            assert_eq!(super::machine(stat), None, "{stat}");
        }
    }

    #[test]
    fn a_family_is_all_that_a_process_started() {
        let stat = "7 (a) b c) S 5 42 42 0 -1 4194304 1 2 3 4 250 50 100 25 20 0 9 0 1000 1 2";
        assert_eq!(process(7, stat), Some(Process { id: 7, parent: 5, seconds: 4.25 }));
        assert_eq!(process(7, "7 (a) S 5"), None);
        let process = |(id, parent): (u32, u32)| Process { id, parent, seconds: f64::from(id) };
        let processes = [(9, 4), (4, 2), (1, 0), (2, 1), (3, 1), (8, 2)].map(process);
        assert_eq!(family_seconds(&processes, 2), Some(2.0 + 4.0 + 8.0 + 9.0));
        assert_eq!(family_seconds(&processes, 3), Some(3.0));
        assert_eq!(family_seconds(&processes, 5), None);
    }

    fn reading(at: Instant, busy: f64, all: f64, own: f64) -> Reading {
        Reading { at, machine: Machine { processors: 4, busy, all }, own }
    }

    #[test]
    fn what_is_not_ours_is_others() {
        let start = Instant::now();
        let before = reading(start, 10.0, 100.0, 1.0);
        let after = |busy, all, own| reading(start + Duration::from_secs(2), busy, all, own).others_since(&before);
        // Of 4 processors over 2 seconds all programs used 5 seconds, ours 3.
        assert_eq!(after(15.0, 108.0, 4.0), Some(Others { share: 0.25, disturb: true }));
        assert_eq!(after(13.5, 108.0, 4.0), Some(Others { share: 0.0625, disturb: false }));
        // Ours may be counted sooner than the machine's.
        assert_eq!(after(11.0, 108.0, 4.0), Some(Others { share: 0.0, disturb: false }));
        assert_eq!(after(10.0, 100.0, 1.0), None);
    }

    #[test]
    fn a_few_steps_of_the_counters_disturb_nothing() {
        assert_eq!(judged(0.05, 0.1), Others { share: 0.5, disturb: false });
        assert!(judged(0.06, 0.1).disturb);
        assert!(!judged(0.1, 1.0).disturb && judged(0.11, 1.0).disturb);
    }

    /// Seen from a process that rests, a busy one is another program; seen from its parent, it is none. Whatever else runs
    /// here is in both.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_busy_process_shows_where_it_is_not_ours() {
        let node = |script: &str| std::process::Command::new("node").args(["-e", script]).spawn().unwrap();
        let (mut resting, mut busy) = (node("setInterval(() => {}, 1e6)"), node("for (;;);"));
        std::thread::sleep(Duration::from_millis(500));
        let roots = [std::process::id(), resting.id()];
        let before = roots.map(|root| Reading::now(root).unwrap());
        let used = family_seconds(&processes().unwrap(), busy.id()).unwrap();
        std::thread::sleep(Duration::from_secs(1));
        let after = roots.map(|root| Reading::now(root).unwrap());
        let used = family_seconds(&processes().unwrap(), busy.id()).unwrap() - used;
        for child in [&mut resting, &mut busy] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let [ours, strange] = [0, 1].map(|one| {
            let capacity =
                after[one].at.duration_since(before[one].at).as_secs_f64() * before[one].machine.processors as f64;
            after[one].others_since(&before[one]).unwrap().share * capacity
        });
        assert!(used > 0.1 && strange - ours > 0.7 * used, "{used} s used, others' {ours} s and {strange} s");
    }
}

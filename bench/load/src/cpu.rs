//! The processor time of another process.

use crate::Failure;
use std::fs;

/// `USER_HZ`: Linux fixes it to 100 for every process, whatever the kernel's own tick.
const TICKS_PER_SECOND: u64 = 100;

/// User and system time of a process and all its threads so far, in microseconds (steps of 10 ms).
pub fn microseconds(pid: u32) -> Result<u64, Failure> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // pid (comm) state ppid …: comm may hold spaces and brackets, so count from its end; utime is the 14th field.
    let (_, fields) = stat.rsplit_once(')').ok_or("no process name in stat")?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let user = times.next().ok_or("no utime in stat")??;
    let system = times.next().ok_or("no stime in stat")??;
    Ok((user + system) * 1_000_000 / TICKS_PER_SECOND)
}

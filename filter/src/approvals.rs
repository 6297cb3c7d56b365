//! What the proxy remembers for approvals: since when it does, the key of its states, and what was
//! used. All workers share it; it lasts as long as the proxy has a plugin of the same `vm_id`.
//!
//! ```text
//! mcp_guard.memory = since secret         since: seconds since 1970, 64 bits, big endian; 32 bytes
//! mcp_guard.used.N = the cell of that number
//! ```

use crate::host;
use mcp_guard_engine::once::{Claim, Claimed, Once};
use mcp_guard_engine::policy::Guard;
use mcp_guard_engine::request::{Facts, Memory, RequestInspection, Step, Verdict};
use mcp_guard_engine::state::Secret;

const MEMORY: &str = "mcp_guard.memory";

const USED: &str = "mcp_guard.used.";

/// Attempts to be quicker than the other workers, of which each loses to one that got through.
const ATTEMPTS: u8 = 64;

/// Begins to remember, where calls can be approved. An approval that was issued before is refused,
/// since nobody knows whether it was used.
pub(crate) fn begin(guard: &Guard) {
    if guard.policies().any(|policy| policy.approvals().is_some()) {
        memory();
    }
}

/// Decides a request; the host is asked only where a call waits for a human.
pub(crate) fn decide(inspection: RequestInspection) -> Verdict {
    let mut step = inspection.finish();
    loop {
        step = match step {
            Step::Decided(verdict) => return *verdict,
            Step::AskFacts(awaits) => awaits.resume(facts()),
            Step::AskOnce(awaits) => {
                let claimed = claim(awaits.once());
                awaits.resume(claimed)
            }
        };
    }
}

fn facts() -> Option<Facts> {
    Some(Facts {
        now: host::now()?,
        memory: memory()?,
    })
}

/// The proxy's memory; the first worker that asks begins it.
fn memory() -> Option<Memory> {
    if let (Some(bytes), _) = host::shared(MEMORY) {
        return read(&bytes);
    }
    let mut bytes = host::now()?.to_be_bytes().to_vec();
    bytes.extend(host::random()?);
    host::share(MEMORY, &bytes, None);
    // Another may have been quicker: what counts is what is shared now.
    read(&host::shared(MEMORY).0?)
}

fn read(bytes: &[u8]) -> Option<Memory> {
    let (since, secret) = bytes.split_first_chunk::<8>()?;
    Some(Memory {
        since: u64::from_be_bytes(*since),
        secret: Secret::new(secret.try_into().ok()?),
    })
}

/// Takes note that it is used, unless it was.
fn claim(once: &Once) -> Claimed {
    let key = format!("{USED}{}", once.cell());
    for _ in 0..ATTEMPTS {
        let (cell, version) = host::shared(&key);
        match once.claim(cell.as_deref()) {
            Claim::Again => return Claimed::Again,
            Claim::Unknown => return Claimed::Unknown,
            Claim::First(cell) if host::share(&key, &cell, version) => return Claimed::First,
            Claim::First(_) => {}
        }
    }
    Claimed::Unknown
}

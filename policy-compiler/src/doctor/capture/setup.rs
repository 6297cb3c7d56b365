//! The init container that captured a pod's traffic, `istio-init`, or verified that it is captured,
//! `istio-validation`. Both are told by `pilot-agent istio-iptables` what is captured; these arguments
//! are what the annotations, and the mesh's own defaults, came to when the pod was made.

use crate::doctor::value::{items, text};
use crate::review::capture::{COMMAND, VALIDATES, VALIDATION};
use serde_json::Value;
use std::collections::BTreeMap;

/// A flag in short, where it has such a name, and in full.
pub(super) type Flag = (&'static str, &'static str);

/// Inbound ports that are captured. None: none is.
pub(super) const PORTS: Flag = ("-b", "--istio-inbound-ports");
/// Those that are not.
pub(super) const PORTS_LEFT_OUT: Flag = ("-d", "--istio-local-exclude-ports");
/// Interfaces whose traffic is not captured.
pub(super) const INTERFACES_LEFT_OUT: Flag = ("-c", "--istio-exclude-interfaces");
/// Outbound addresses that are captured. None: none is.
pub(super) const ADDRESSES: Flag = ("-i", "--istio-service-cidr");
/// Those that are not.
pub(super) const ADDRESSES_LEFT_OUT: Flag = ("-x", "--istio-service-exclude-cidr");
/// Outbound ports that are not captured.
pub(super) const PORTS_OF_OTHERS_LEFT_OUT: Flag = ("-o", "--istio-local-outbound-ports-exclude");
/// Users whose traffic is not captured: the proxy's.
pub(super) const USERS_LEFT_OUT: Flag = ("-u", "--proxy-uid");
/// Groups whose traffic is not captured: the proxy's.
pub(super) const GROUPS_LEFT_OUT: Flag = ("-g", "--proxy-gid");

/// Those that have a value.
const LISTS: [Flag; 8] = [
    PORTS,
    PORTS_LEFT_OUT,
    INTERFACES_LEFT_OUT,
    ADDRESSES,
    ADDRESSES_LEFT_OUT,
    PORTS_OF_OTHERS_LEFT_OUT,
    USERS_LEFT_OUT,
    GROUPS_LEFT_OUT,
];

/// It sets up the capture.
const INIT: &str = "istio-init";
/// The verification needs this.
const VALIDATING: Flag = ("", VALIDATES);
/// By these, it captures nothing.
const IDLE: [Flag; 3] = [
    ("", "--skip-rule-apply"),
    ("-n", "--dry-run"),
    ("", "--cleanup-only"),
];

/// What that container ran with.
pub(super) struct Setup<'f> {
    container: &'f Value,
    is_command: bool,
    /// The value of each flag, by its full name.
    given: BTreeMap<&'static str, &'f str>,
}

impl<'f> Setup<'f> {
    /// None: no container shows that the pod's traffic is captured.
    pub(super) fn of(pod: &'f Value) -> Option<Self> {
        let mut all = items(pod, "/spec/initContainers").iter();
        all.find_map(Self::new)
    }

    /// None: the container does not show it.
    pub(super) fn new(container: &'f Value) -> Option<Self> {
        let command = items(container, "/command").iter();
        let words = command.chain(items(container, "/args"));
        let words: Vec<&str> = words.filter_map(Value::as_str).collect();
        let setup = Self {
            container,
            is_command: words.contains(&COMMAND),
            given: given(&words),
        };
        setup.shows_capture().then_some(setup)
    }

    fn shows_capture(&self) -> bool {
        self.is_command
            && match self.by() {
                INIT => !IDLE.iter().any(|flag| self.is_on(*flag)),
                VALIDATION => self.is_on(VALIDATING),
                _ => false,
            }
    }

    /// Whether a flag that needs no value is given. With what is no truth, the container fails.
    fn is_on(&self, flag: Flag) -> bool {
        let value = self.value(flag);
        value.is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
    }

    /// The container's name.
    pub(super) fn by(&self) -> &'f str {
        text(self.container, "/name")
    }

    /// The value of a variable of its environment, which the mesh's `proxyMetadata` fills.
    pub(super) fn variable(&self, name: &str) -> Option<&'f str> {
        let mut variables = items(self.container, "/env").iter();
        let variable = variables.find(|variable| text(variable, "/name") == name)?;
        Some(text(variable, "/value"))
    }

    /// What is not given as a flag may be given as a variable: `--dry-run` is `DRY_RUN`.
    fn value(&self, (_, long): Flag) -> Option<&'f str> {
        let name = long.trim_start_matches('-').replace('-', "_");
        let variable = || self.variable(&name.to_ascii_uppercase());
        self.given.get(long).copied().or_else(variable)
    }

    /// The items of a flag's list.
    pub(super) fn list(&self, flag: Flag) -> impl Iterator<Item = &'f str> {
        let list = self.value(flag).unwrap_or_default().split(',');
        list.map(str::trim).filter(|item| !item.is_empty())
    }

    /// Whether a flag's list has an item.
    pub(super) fn lists(&self, flag: Flag, wanted: &str) -> bool {
        self.list(flag).any(|item| item == wanted)
    }
}

/// The flags as `pflag` reads them: of one that is given twice, the last value counts.
fn given<'f>(words: &[&'f str]) -> BTreeMap<&'static str, &'f str> {
    let mut given = BTreeMap::new();
    let flags = words.iter().take_while(|word| **word != "--");
    let mut words = flags.copied();
    while let Some(word) = words.next() {
        let list = LISTS.iter().find_map(|flag| joined(word, *flag));
        let switch = || {
            let mut all = IDLE.iter().chain([&VALIDATING]);
            all.find_map(|flag| joined(word, *flag))
        };
        if let Some((name, value)) = list {
            let value = value.or_else(|| words.next());
            given.insert(name, value.unwrap_or_default());
        } else if let Some((name, value)) = switch() {
            given.insert(name, value.unwrap_or("true"));
        }
    }
    given
}

/// If a word is this flag: its full name, and the value that is joined to it.
fn joined(word: &str, (short, long): Flag) -> Option<(&'static str, Option<&str>)> {
    if let Some(rest) = word.strip_prefix(long) {
        let value = rest.strip_prefix('=');
        return (rest.is_empty() || value.is_some()).then_some((long, value));
    }
    let rest = word
        .strip_prefix(short)
        .filter(|_| !short.is_empty() && !word.starts_with("--"))?;
    let value = (!rest.is_empty()).then(|| rest.strip_prefix('=').unwrap_or(rest));
    Some((long, value))
}

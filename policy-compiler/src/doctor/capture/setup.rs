//! The init container that captured a pod's traffic, `istio-init`, or verified that it is captured,
//! `istio-validation`. Both are told by `pilot-agent istio-iptables` what is captured; these arguments
//! are what the annotations, and the mesh's own defaults, came to when the pod was made.

use crate::doctor::value::{items, text};
use serde_json::Value;

/// A flag in short, where it has such a name, and in full.
type Flag = (&'static str, &'static str);

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

/// It sets up the capture.
const INIT: &str = "istio-init";
/// With Istio's CNI plugin it looks whether the capture is there, and fails if it is not.
const VALIDATION: &str = "istio-validation";

const COMMAND: &str = "istio-iptables";
/// It looks whether the capture is there.
const VALIDATES: Flag = ("--run-validation", "--run-validation");
/// By these, it captures nothing.
const IDLE: [Flag; 3] = [
    ("--skip-rule-apply", "--skip-rule-apply"),
    ("-n", "--dry-run"),
    ("--cleanup-only", "--cleanup-only"),
];

/// What that container ran with.
pub(super) struct Setup<'f> {
    container: &'f Value,
    words: Vec<&'f str>,
}

impl<'f> Setup<'f> {
    /// None: no container shows that the pod's traffic is captured.
    pub(super) fn of(pod: &'f Value) -> Option<Self> {
        let all = items(pod, "/spec/initContainers").iter();
        let mut setups = all.map(Self::new);
        setups.find(Self::shows_capture)
    }

    fn new(container: &'f Value) -> Self {
        let command = items(container, "/command").iter();
        let words = command.chain(items(container, "/args"));
        Self {
            container,
            words: words.filter_map(Value::as_str).collect(),
        }
    }

    fn shows_capture(&self) -> bool {
        self.words.contains(&COMMAND)
            && match self.by() {
                INIT => !IDLE.iter().any(|flag| self.is_on(*flag)),
                VALIDATION => self.is_on(VALIDATES),
                _ => false,
            }
    }

    /// Whether a flag that needs no value is given.
    fn is_on(&self, (short, long): Flag) -> bool {
        let is_flag = |word: &str| word == short || word == long;
        self.words.iter().any(|word| is_flag(word))
            || self
                .value((short, long))
                .is_some_and(|value| value != "false")
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
    fn value(&self, flag: Flag) -> Option<&'f str> {
        let (_, long) = flag;
        let name = long.trim_start_matches('-').replace('-', "_");
        let variable = || self.variable(&name.to_ascii_uppercase());
        self.given(flag).or_else(variable)
    }

    fn given(&self, (short, long): Flag) -> Option<&'f str> {
        let is_flag = |word: &str| word == short || word == long;
        let mut pairs = self.words.iter().zip(self.words.iter().skip(1));
        let apart = pairs.find_map(|(key, value)| is_flag(key).then_some(*value));
        let mut joined = self.words.iter().filter_map(|word| word.split_once('='));
        apart.or_else(|| joined.find_map(|(key, value)| is_flag(key).then_some(value)))
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

//! What is left out of the traffic that the proxy gets, by lists: those of a pod's annotations, or those of
//! the arguments that annotations and the mesh's own defaults came to.

use crate::artefact::AGENT_PORTS;
use crate::deployment::Deployment;
use crate::lower::Stage;

/// The user of the proxy: traffic of its processes is not captured.
pub(crate) const PROXY_USER: &str = "1337";

/// The container that Istio adds to a pod.
pub const PROXY_CONTAINER: &str = "istio-proxy";

/// What a container runs that sets up the capture, or verifies it.
pub(crate) const COMMAND: &str = "istio-iptables";
/// With Istio's CNI plugin it looks whether the capture is there, and fails if it is not.
pub(crate) const VALIDATION: &str = "istio-validation";
/// The flag by which it looks.
pub(crate) const VALIDATES: &str = "--run-validation";

const ALL: &str = "*";

/// A list that says what is captured, or what is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Ports whose calls are captured.
    Ports,
    /// Ports whose calls are not.
    PortsLeftOut,
    /// Interfaces whose traffic is not captured.
    InterfacesLeftOut,
    /// Addresses, or ports, to which calls are captured.
    Destinations,
    /// Addresses, or ports, to which calls are not.
    DestinationsLeftOut,
}

impl List {
    /// What a list leaves out that must not be, each in a sentence. While nothing is enforced, of the ports
    /// only that of the calls matters.
    pub(crate) fn faults(self, deployment: &Deployment, port: u16, items: &[&str]) -> Vec<String> {
        let port = port.to_string();
        let is_enforced = deployment.stage == Stage::Enforce;
        let each = |is_fault: &dyn Fn(&str) -> bool, sentence: &dyn Fn(&str) -> String| {
            let faults = items.iter().filter(|item| is_fault(item));
            faults.map(|item| sentence(item)).collect()
        };
        match self {
            Self::Ports if items.contains(&ALL) => Vec::new(),
            Self::Ports if !items.contains(&port.as_str()) => {
                vec![format!("port {port} is not captured by the proxy")]
            }
            Self::Ports if !is_enforced => Vec::new(),
            Self::Ports => vec![format!(
                "no port but {} is captured by the proxy",
                items.join(", ")
            )],
            Self::PortsLeftOut => each(
                &|item| match item {
                    ALL => true,
                    item => item == port || (is_enforced && !AGENT_PORTS.contains(&item)),
                },
                &|item| match item {
                    ALL => "every port is taken out of the proxy".into(),
                    item => format!("port {item} is taken out of the proxy"),
                },
            ),
            Self::InterfacesLeftOut => each(&|_| true, &|item| {
                format!("the traffic of interface `{item}` goes round the proxy")
            }),
            Self::Destinations if items.contains(&ALL) => Vec::new(),
            Self::Destinations => {
                vec!["only some of the server's traffic is captured by the proxy".into()]
            }
            Self::DestinationsLeftOut => {
                let agent = deployment
                    .pod_identity_agent()
                    .map(|agent| agent.to_string());
                each(&|item| agent.as_deref() != Some(item), &|item| {
                    format!("traffic to `{item}` goes round the proxy")
                })
            }
        }
    }
}

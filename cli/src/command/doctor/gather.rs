//! What a cluster says, read and not judged.

use super::kubectl::{Kubectl, answer};
use super::program;
use mcp_guard_compiler::compilation::Compilation;
use mcp_guard_compiler::doctor::{
    self, AGENT_METRICS, CONFIG_DUMP, Facts, Probe, Query, Read, Replica, SERVER_INFO, STATS,
    Unread,
};
use serde_json::Value;
use std::process::Command;

/// The cluster, and how it is read.
pub(super) struct Cluster {
    pub(super) kubectl: Kubectl,
    /// Instead of `kubectl exec`.
    pub(super) proxy_admin: Option<String>,
    pub(super) cni_namespaces: Vec<String>,
    /// Whether requests are sent.
    pub(super) probe: bool,
}

impl Cluster {
    /// Everything that is needed for a policy. An error: nothing could be read at all.
    pub(super) fn facts(&self, compilation: &Compilation) -> Result<Facts, String> {
        let mut facts = Facts::default();
        for read in doctor::reads(compilation, &self.cni_namespaces) {
            match self.kubectl.get(&read) {
                Ok(objects) => facts.objects.extend(objects),
                Err(reason) => facts.unread.push(unread(title(&read), reason)),
            }
        }
        let deployment = compilation.deployment.as_ref();
        let namespace = deployment.map_or("", |deployment| deployment.namespace.value.as_str());
        if facts.objects.is_empty() {
            return Err(match facts.unread.first() {
                Some(first) => format!("cannot read {}: {}", first.what, first.reason),
                None => format!("there is no namespace `{namespace}`: is it another cluster?"),
            });
        }
        let pods = doctor::pods(compilation, &facts);
        facts.replicas = self.replicas(namespace, &pods);
        if self.probe {
            for request in doctor::requests(compilation, &facts) {
                let (answered, said) = self.kubectl.send(&request)?;
                facts.probes.push(Probe {
                    pod: request.pod,
                    port: request.port,
                    answered,
                    said,
                });
            }
        }
        Ok(facts)
    }

    /// All proxies at once: a roll-out may be large, and each answer takes its time.
    fn replicas(&self, namespace: &str, pods: &[String]) -> Vec<Replica> {
        const AT_ONCE: usize = 8;
        let mut replicas = Vec::new();
        for pods in pods.chunks(AT_ONCE) {
            std::thread::scope(|scope| {
                let asked: Vec<_> = pods
                    .iter()
                    .map(|pod| scope.spawn(|| self.replica(namespace, pod)))
                    .collect();
                replicas.extend(asked.into_iter().filter_map(|asked| asked.join().ok()));
            });
        }
        replicas
    }

    fn replica(&self, namespace: &str, pod: &str) -> Replica {
        let mut faults = Vec::new();
        let mut page = |query: Query| {
            let page = self.page(namespace, pod, query);
            let what = format!("{pod}, page {}", query.path);
            page.map_err(|reason| faults.push(unread(what, reason)))
                .ok()
        };
        let json =
            |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let config_dump = json(page(CONFIG_DUMP));
        let server_info = json(page(SERVER_INFO));
        let stats = page(STATS);
        let agent_metrics = page(AGENT_METRICS);
        Replica {
            pod: pod.into(),
            config_dump,
            server_info,
            stats,
            agent_metrics,
            unread: faults,
        }
    }

    fn page(&self, namespace: &str, pod: &str, query: Query) -> Result<String, String> {
        let Some(template) = &self.proxy_admin else {
            return self.kubectl.page(namespace, pod, query);
        };
        let port = query.port.to_string();
        let words = template.split_whitespace().map(|word| {
            let places = [
                ("{namespace}", namespace),
                ("{pod}", pod),
                ("{port}", &port),
                ("{path}", query.path),
            ];
            let fill = |word: String, (place, value): &(&str, &str)| word.replace(place, value);
            places.iter().fold(word.to_owned(), fill)
        });
        let mut words = words.collect::<Vec<_>>().into_iter();
        let name = words.next().ok_or("`--proxy-admin` names no program")?;
        let mut command = Command::new(name);
        command.args(words);
        answer(&program::run(&mut command, "")?)
    }
}

fn unread(what: String, reason: String) -> Unread {
    Unread { what, reason }
}

/// `pods of ai-agents`.
fn title(read: &Read) -> String {
    match &read.name {
        Some(name) => format!("{} {name} of {}", read.resource, read.namespace),
        None => format!("{} of {}", read.resource, read.namespace),
    }
}

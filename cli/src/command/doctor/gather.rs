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
        let reads = doctor::reads(compilation, &self.cni_namespaces);
        let answers = at_once(&reads, |read| self.kubectl.get(read));
        for (read, answer) in reads.iter().zip(answers) {
            match answer {
                Ok(objects) => facts.objects.extend(objects),
                Err(reason) => facts.unread.push(unread(title(read), reason)),
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
        facts.replicas = at_once(&pods, |pod| self.replica(namespace, pod));
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

    fn replica(&self, namespace: &str, pod: &str) -> Replica {
        let mut faults = Vec::new();
        let mut page = |query: Query| {
            let page = self.page(namespace, pod, query);
            let what = || format!("{pod}, page {}", query.path);
            page.map_err(|reason| faults.push(unread(what(), reason)))
                .ok()
        };
        let (config_dump, server_info) = (page(CONFIG_DUMP), page(SERVER_INFO));
        let (stats, agent_metrics) = (page(STATS), page(AGENT_METRICS));
        let mut json = |query: Query, text: Option<String>| {
            let what = || format!("{pod}, page {}", query.path);
            let no_json = |error| unread(what(), format!("it is no JSON: {error}"));
            let value = serde_json::from_str::<Value>(&text?).map_err(no_json);
            value.map_err(|fault| faults.push(fault)).ok()
        };
        Replica {
            pod: pod.into(),
            config_dump: json(CONFIG_DUMP, config_dump),
            server_info: json(SERVER_INFO, server_info),
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

/// What comes of each, several asked at once: each answer takes its time, most of all where a login
/// plugin of a cloud is called for each.
fn at_once<T: Sync, A: Send>(items: &[T], ask: impl Fn(&T) -> A + Sync) -> Vec<A> {
    const COUNT: usize = 8;
    let mut answers = Vec::new();
    for items in items.chunks(COUNT) {
        std::thread::scope(|scope| {
            let ask = &ask;
            let asked: Vec<_> = items
                .iter()
                .map(|item| scope.spawn(move || ask(item)))
                .collect();
            answers.extend(asked.into_iter().filter_map(|asked| asked.join().ok()));
        });
    }
    answers
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

//! What a cluster says, read and not judged.

use super::kubectl::{Kubectl, answer};
use super::program;
use mcp_guard_compiler::compilation::Compilation;
use mcp_guard_compiler::doctor::{
    self, AGENT_METRICS, CONFIG_DUMP, Facts, Probe, Query, Replica, Request, SERVER_INFO, STATS,
    Unread,
};
use serde_json::Value;
use std::panic::resume_unwind;
use std::process::Command;

/// The cluster, and how it is read.
pub(super) struct Cluster {
    pub(super) kubectl: Kubectl,
    /// Instead of `kubectl exec`.
    pub(super) proxy_admin: Option<String>,
    pub(super) cni_namespaces: Vec<String>,
    /// Whether requests are sent.
    pub(super) is_probed: bool,
}

impl Cluster {
    /// Everything that is needed for a policy. An error: nothing could be read at all.
    pub(super) fn facts(&self, compilation: &Compilation) -> Result<Facts, String> {
        let mut facts = Facts::default();
        self.read(compilation, &mut facts);
        let deployment = compilation.deployment.as_ref();
        let namespace = deployment.map_or("", |deployment| deployment.namespace.value.as_str());
        if facts.objects.is_empty() {
            return Err(match facts.unread.first() {
                Some(first) => format!("cannot read {}: {}", first.what, first.reason),
                None => format!("there is no namespace `{namespace}`: is it another cluster?"),
            });
        }
        self.ask(compilation, namespace, &mut facts);
        // The proxies say which istiod they belong to, and that one's configuration what it reads.
        self.read(compilation, &mut facts);
        if self.is_probed {
            self.probe(compilation, namespace, &mut facts);
        }
        Ok(facts)
    }

    /// Sends requests to the pods. One that took the place of another meanwhile gets its own.
    fn probe(&self, compilation: &Compilation, namespace: &str, facts: &mut Facts) {
        facts.probes_wanted = true;
        self.send_all(compilation, facts);
        let is_absent = |probe: &Probe| !probe.answered && probe.said.contains("not found");
        if facts.probes.iter().any(is_absent) {
            self.ask_again(compilation, namespace, facts);
            self.read(compilation, facts);
            self.send_all(compilation, facts);
        }
    }

    /// Sends those requests that were not sent yet.
    fn send_all(&self, compilation: &Compilation, facts: &mut Facts) {
        let requests = doctor::requests(compilation, facts).into_iter();
        let probes: Vec<Probe> = requests.map(|request| self.send(request)).collect();
        facts.probes.extend(probes);
    }

    /// Reads objects until no more are wanted.
    fn read(&self, compilation: &Compilation, facts: &mut Facts) {
        loop {
            let reads = doctor::reads(compilation, &self.cni_namespaces, facts);
            if reads.is_empty() {
                return;
            }
            let answers = at_once(&reads, |read| self.kubectl.get(read));
            for (read, answer) in reads.iter().zip(answers) {
                facts.asked.push(read.to_string());
                match answer {
                    Ok(objects) => facts.objects.extend(objects),
                    Err(reason) => facts.unread.push(unread(read.to_string(), reason)),
                }
            }
        }
    }

    /// Asks the proxies.
    fn ask(&self, compilation: &Compilation, namespace: &str, facts: &mut Facts) {
        let pods = doctor::pods(compilation, facts);
        facts.replicas = at_once(&pods, |pod| self.replica(namespace, pod));
        let is_whole = |replica: &Replica| replica.unread.is_empty();
        if !facts.replicas.iter().all(is_whole) {
            self.ask_again(compilation, namespace, facts);
        }
    }

    /// Pods come and go while they are asked. Lists them again, so that nobody is missed that is there,
    /// and nobody counts that is not.
    fn ask_again(&self, compilation: &Compilation, namespace: &str, facts: &mut Facts) {
        let again = doctor::pods_again(compilation);
        let Some(Ok(pods)) = again.map(|read| self.kubectl.get(&read)) else {
            return;
        };
        doctor::replace_pods(facts, pods);
        let mut new = doctor::pods(compilation, facts);
        new.retain(|pod| !facts.replicas.iter().any(|replica| replica.pod == *pod));
        let replicas = at_once(&new, |pod| self.replica(namespace, pod));
        facts.replicas.extend(replicas);
    }

    /// Whether a request was answered. One that could not be sent was not.
    fn send(&self, request: Request) -> Probe {
        let sent = self.kubectl.send(&request);
        let (answered, said) = sent.unwrap_or_else(|reason| (false, reason));
        Probe {
            pod: request.pod,
            port: request.port,
            answered,
            said,
        }
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
            // Whatever panicked is a mistake of ours, and no answer.
            let answer = asked.into_iter().map(|asked| asked.join());
            answers
                .extend(answer.map(|answer| answer.unwrap_or_else(|fault| resume_unwind(fault))));
        });
    }
    answers
}

fn unread(what: String, reason: String) -> Unread {
    Unread { what, reason }
}

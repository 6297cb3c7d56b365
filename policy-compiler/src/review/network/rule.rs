//! A rule that allows, whichever kind of object has it.

use super::super::subject::NAME_OF_NAMESPACE;
use super::super::{Manifest, Subject, weakened};
use crate::diagnostic::Diagnostic;
use crate::policy::{Cidr, are_wide};
use crate::yaml::Node;
use std::ops::RangeInclusive;

/// Where names are asked for.
const DNS: u16 = 53;

/// A rule that allows.
pub(super) struct Rule<'n> {
    pub(super) manifest: &'n Manifest,
    /// Where it stands.
    pub(super) node: &'n Node,
    pub(super) peers: Peers<'n>,
    /// None: all of them.
    pub(super) ports: Vec<Port<'n>>,
    /// Whether other rules, which are not weighed here, may come before it.
    pub(super) is_contested: bool,
    pub(super) advice: &'static str,
}

/// Whom a rule is for.
pub(super) enum Peers<'n> {
    /// Everyone, since there is no such key.
    Unnamed(&'static str),
    Named(Vec<Peer<'n>>),
}

pub(super) struct Peer<'n> {
    pub(super) node: &'n Node,
    pub(super) whom: Whom,
}

pub(super) enum Whom {
    /// All addresses, all nodes, or all pods of the cluster.
    Everyone,
    Blocks(Vec<Cidr>),
    Others,
}

pub(super) struct Port<'n> {
    pub(super) is_tcp: bool,
    pub(super) numbers: Numbers<'n>,
}

pub(super) enum Numbers<'n> {
    All,
    Named(&'n str),
    Range(RangeInclusive<u16>),
}

impl Rule<'_> {
    /// Where it says that it is for everyone, and how. None: it is not, for itself.
    pub(super) fn everyone(&self) -> Option<(&Node, String)> {
        match &self.peers {
            Peers::Unnamed(key) => Some((self.node, format!("no `{key}`"))),
            Peers::Named(peers) => {
                let peer = peers.iter().find(|peer| peer.whom.is_everyone())?;
                Some((peer.node, "covers everyone".into()))
            }
        }
    }

    /// The blocks of addresses that it is for.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Cidr> {
        let peers = match &self.peers {
            Peers::Unnamed(_) => [].iter(),
            Peers::Named(peers) => peers.iter(),
        };
        peers.flat_map(|peer| match &peer.whom {
            Whom::Blocks(blocks) => blocks.clone(),
            Whom::Everyone | Whom::Others => Vec::new(),
        })
    }

    /// Whether it holds on the MCP port.
    pub(super) fn reaches(&self, subject: &Subject<'_>) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|port| port.is_mcp(subject))
    }

    /// Whether it is for asking for names, and nothing else.
    pub(super) fn is_for_names(&self) -> bool {
        let is_dns = |port: &Port<'_>| matches!(&port.numbers, Numbers::Range(range) if *range == (DNS..=DNS));
        !self.ports.is_empty() && self.ports.iter().all(is_dns)
    }

    /// The finding that it opens something.
    pub(super) fn finding(&self, place: &Node, what: &str, why: &str) -> Diagnostic {
        let finding = weakened(place.span, format!("{} {what}", self.manifest.title()))
            .label(why)
            .help(self.advice);
        match self.is_contested {
            true => finding.warning(),
            false => finding,
        }
    }
}

impl Whom {
    /// What is no block is not said to be one; what a block excepts is no matter.
    pub(super) fn of_blocks<'n>(blocks: impl IntoIterator<Item = &'n Node>) -> Self {
        let blocks = blocks.into_iter().filter_map(Node::scalar);
        Self::Blocks(
            blocks
                .filter_map(|block| Cidr::parse(block.trim()))
                .collect(),
        )
    }

    fn is_everyone(&self) -> bool {
        match self {
            Self::Everyone => true,
            Self::Blocks(blocks) => are_wide(blocks),
            Self::Others => false,
        }
    }
}

impl Port<'_> {
    fn is_mcp(&self, subject: &Subject<'_>) -> bool {
        self.is_tcp
            && match &self.numbers {
                Numbers::All => true,
                Numbers::Named(name) => subject.is_port(name),
                Numbers::Range(range) => range.contains(&subject.port),
            }
    }
}

/// Whether a selector asks for nothing, or only for what everything has or next to nothing lacks.
pub(super) fn selects_all(selector: &Node) -> bool {
    let labels = selector.get("matchLabels");
    let expressions = selector.get("matchExpressions").map(Node::items);
    let mut expressions = expressions.unwrap_or_default().iter();
    let is_void = |expression: &Node| {
        let key = expression.get("key").and_then(Node::scalar);
        match expression.get("operator").and_then(Node::scalar) {
            Some("NotIn" | "DoesNotExist") => true,
            Some("Exists") => key == Some(NAME_OF_NAMESPACE),
            _ => false,
        }
    };
    labels.is_none_or(|labels| labels.entries().next().is_none()) && expressions.all(is_void)
}

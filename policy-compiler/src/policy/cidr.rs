//! Blocks of addresses, as a NetworkPolicy takes them.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Spanned;
use crate::yaml::fields::Fields;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses, in the one form that Kubernetes takes: no bit set behind the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    pub(super) network: IpAddr,
    pub(super) bits: u8,
}

/// Addresses that hand out credentials to whoever asks from the node.
const METADATA: [IpAddr; 8] = [
    // AWS, Google Cloud, Azure and most others.
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    // AWS, "Use IMDS": by IPv6.
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    // Google Cloud, "View and query VM metadata": by IPv6.
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    // Amazon ECS, "Task IAM role": a task's credentials.
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    // Amazon EKS, "Pod Identity": the node's agent. A policy that needs it says `mode: pod_identity`.
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    // Azure, "What is IP address 168.63.129.16": the goal state with its certificates.
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    // Alibaba Cloud, "Access instance metadata".
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
];

impl Cidr {
    /// Reads `ADDRESS/BITS` (RFC 4632, section 3.1; RFC 4291, section 2.3).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (address, bits) = (address.parse().ok()?, bits.parse().ok()?);
        Some(Self {
            network: network(address, bits)?,
            bits,
        })
    }

    /// The block of one address.
    #[must_use]
    pub fn host(address: IpAddr) -> Self {
        Self {
            network: address,
            bits: most_bits(address),
        }
    }

    /// Whether an address hands out credentials to whoever asks.
    #[must_use]
    pub fn is_metadata(address: IpAddr) -> bool {
        METADATA.contains(&address.to_canonical())
    }

    /// How many addresses it holds.
    pub(super) fn size(self) -> u128 {
        let behind = most_bits(self.network).saturating_sub(self.bits);
        1_u128.checked_shl(behind.into()).unwrap_or(u128::MAX)
    }

    /// Whether it lies in another.
    pub(super) fn is_within(self, other: Self) -> bool {
        self.bits >= other.bits && other.contains(self.network)
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        network(address, self.bits).is_some_and(|network| {
            network == self.network && network.is_ipv4() == self.network.is_ipv4()
        })
    }

    /// The addresses of the metadata service that lie in it.
    pub fn metadata(self) -> impl Iterator<Item = Self> {
        let contained =
            METADATA.map(move |address| self.contains(address).then(|| Self::host(address)));
        contained.into_iter().flatten()
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.network, self.bits)
    }
}

/// The first address of the block of so many bits that holds an address.
pub(super) fn network(address: IpAddr, bits: u8) -> Option<IpAddr> {
    let behind = most_bits(address).checked_sub(bits)?;
    Some(match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(behind.into()).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(behind.into()).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    })
}

pub(super) fn most_bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// Reads a list of blocks.
pub(crate) fn read(fields: &Fields<'_>, key: &str, found: &mut Diagnostics) -> Vec<Spanned<Cidr>> {
    let texts = fields.texts(key, found);
    texts
        .into_iter()
        .filter_map(|text| one(&text, found))
        .collect()
}

fn one(text: &Spanned<String>, found: &mut Diagnostics) -> Option<Spanned<Cidr>> {
    let Some(cidr) = Cidr::parse(&text.value) else {
        let message = format!("`{}` is not a block of addresses", text.value);
        let mut wrong =
            Diagnostic::new(Code::Malformed, text.span, message).label("as in `10.0.0.0/8`");
        if let Ok(address) = text.value.parse() {
            let block = Cidr::host(address).to_string();
            wrong = wrong
                .help("one address is a block, too")
                .patch(text.span, block);
        }
        found.push(wrong);
        return None;
    };
    if let IpAddr::V6(address) = cidr.network
        && address.to_ipv4_mapped().is_some()
    {
        let message = format!("`{cidr}` is IPv4, written as IPv6");
        found.push(
            Diagnostic::new(Code::Malformed, text.span, message)
                .label("network plugins disagree about what it is")
                .help("write it as IPv4, as in `10.0.0.0/8`"),
        );
        return None;
    }
    // Kubernetes refuses, or silently widens, `10.1.2.3/16`; whoever wrote it may mean either end.
    if cidr.to_string() != text.value {
        let message = format!("`{}` is not how this block is written", text.value);
        found.push(
            Diagnostic::new(Code::Malformed, text.span, message)
                .label(format!("the block is `{cidr}`")),
        );
    }
    Some(Spanned {
        value: cidr,
        span: text.span,
    })
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn blocks_have_one_form() {
        for (text, form) in [
            ("10.1.0.0/16", "10.1.0.0/16"),
            ("10.1.2.3/16", "10.1.0.0/16"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("FD00::1/64", "fd00::/64"),
            ("10.1.2.3/+32", "10.1.2.3/32"),
        ] {
            assert_eq!(Cidr::parse(text).unwrap().to_string(), form);
        }
        for text in [
            "10.1.2.3",
            "10.1.2.3/33",
            "10.1.2/8",
            "fd00::/129",
            "x/8",
            "1.2.3.4/-1",
        ] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_metadata_service_is_found_in_a_block() {
        let metadata = |text| {
            let blocks = Cidr::parse(text).unwrap().metadata();
            blocks.map(|block| block.to_string()).collect::<Vec<_>>()
        };
        let link_local = [
            "169.254.169.254/32",
            "169.254.170.2/32",
            "169.254.170.23/32",
        ];
        assert_eq!(metadata("169.254.0.0/16"), link_local);
        assert_eq!(metadata("0.0.0.0/0").len(), 5);
        assert_eq!(metadata("fd20::/16"), ["fd20:ce::254/128"]);
        assert_eq!(metadata("::/0").len(), 3);
        assert!(metadata("10.0.0.0/8").is_empty());
    }
}

//! Whether blocks of addresses are more than any one network has.

use super::cidr::{Cidr, network};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const ALL_V4: Cidr = Cidr {
    network: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    bits: 0,
};

/// The IPv6 addresses that are handed out to the public (IANA, "IPv6 Global Unicast Address Space").
const PUBLIC_V6: Cidr = Cidr {
    network: IpAddr::V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0)),
    bits: 3,
};

/// Where IPv6 addresses stand for those of IPv4: the prefix, behind which they follow.
const EMBEDDINGS: [Cidr; 3] = [
    // NAT64 (RFC 6052, section 2.1).
    Cidr {
        network: IpAddr::V6(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0)),
        bits: 96,
    },
    // 6to4 (RFC 3056, section 2).
    Cidr {
        network: IpAddr::V6(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0)),
        bits: 16,
    },
    // IPv4-mapped (RFC 4291, section 2.5.5.2).
    Cidr {
        network: IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0)),
        bits: 96,
    },
];

/// The blocks, and those of IPv4 that lie in them by one of the embeddings.
fn with_embedded(blocks: &[Cidr]) -> Vec<Cidr> {
    let embedded = blocks.iter().flat_map(|block| {
        let found = EMBEDDINGS.map(|embedding| embedded(*block, embedding));
        found.into_iter().flatten()
    });
    blocks.iter().copied().chain(embedded).collect()
}

/// The block of IPv4 that lies in a block by an embedding.
fn embedded(block: Cidr, embedding: Cidr) -> Option<Cidr> {
    const MOST_BITS: u8 = 32;
    if embedding.is_within(block) {
        return Some(ALL_V4);
    }
    let IpAddr::V6(address) = block.network else {
        return None;
    };
    if !block.is_within(embedding) {
        return None;
    }
    let shifted = address.to_bits().checked_shl(embedding.bits.into())?;
    let first = u32::try_from(shifted.checked_shr(96)?).ok()?;
    let bits = block.bits.saturating_sub(embedding.bits).min(MOST_BITS);
    Some(Cidr {
        network: network(Ipv4Addr::from_bits(first).into(), bits)?,
        bits,
    })
}

/// Whether blocks are together half of all public addresses of a family, or more. This is asked of a
/// policy's own blocks, whose author chose each: so much is a mistake. [`are_wide`] is stricter.
pub(crate) fn are_most(blocks: &[Cidr]) -> bool {
    [ALL_V4, PUBLIC_V6]
        .into_iter()
        .any(|all| are_half(blocks, all))
}

fn are_half(blocks: &[Cidr], all: Cidr) -> bool {
    if blocks.iter().any(|block| all.is_within(*block)) {
        return true;
    }
    let within = blocks.iter().filter(|block| block.is_within(all));
    size(within.copied().collect()) >= all.size() / 2
}

/// Addresses that nobody has on the Internet (IANA, "Special-Purpose Address Registry").
const PRIVATE: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0)), 10),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// Whether blocks are together more of the public addresses of a family than any one network has: as
/// many as a /8 of IPv4, or a /12 of IPv6. This is asked of what stands beside a policy, where nobody
/// says why a block is there, and where less than half of all opens what the policy closes.
pub(crate) fn are_wide(blocks: &[Cidr]) -> bool {
    const WIDE_V4: u128 = 1 << 24;
    const WIDE_V6: u128 = 1 << 116;
    let blocks = with_embedded(blocks);
    let is_private = |block: &&Cidr| {
        let mut private = PRIVATE.into_iter();
        private.any(|(network, bits)| block.is_within(Cidr { network, bits }))
    };
    let public = blocks.iter().filter(|block| !is_private(block)).copied();
    let (v4, v6) = public.partition(|block| block.network.is_ipv4());
    size(v4) >= WIDE_V4 || size(v6) >= WIDE_V6
}

/// How many addresses blocks hold together. Two lie apart or one within the other, so what remains
/// adds up.
fn size(mut blocks: Vec<Cidr>) -> u128 {
    blocks.sort_by_key(|block| block.bits);
    let mut apart: Vec<Cidr> = Vec::new();
    for block in blocks {
        if !apart.iter().any(|wider| block.is_within(*wider)) {
            apart.push(block);
        }
    }
    let sizes = apart.iter().map(|block| block.size());
    sizes.fold(0, u128::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::{Cidr, are_most, are_wide};

    fn blocks(texts: &[&str]) -> Vec<Cidr> {
        let blocks = texts.iter().map(|text| Cidr::parse(text).unwrap());
        blocks.collect()
    }

    #[test]
    fn what_no_one_network_has_is_wide() {
        for wide in [
            &["0.0.0.0/0"][..],
            &["52.0.0.0/8"],
            &["52.0.0.0/9", "53.0.0.0/9"],
            &["::/0"],
            &["2a00::/12"],
            &["2a00::/13", "2a08::/13"],
            // IPv4, written as IPv6, or by way of a translator.
            &["64:ff9b::/96"],
            &["64:ff9b::/32"],
            &["64:ff9b::3400:0/104"],
            &["2002::/16"],
            &["2002:3400::/24"],
            &["::ffff:0:0/96"],
            &["64:ff9b::3400:0/105", "53.0.0.0/9"],
        ] {
            assert!(are_wide(&blocks(wide)), "{wide:?}");
        }
        for narrow in [
            &[][..],
            &["10.0.0.0/8", "172.16.0.0/12", "fc00::/7"],
            &["52.0.0.0/9", "52.0.0.0/9"],
            &["2a00::/13", "52.0.0.0/9"],
            // The network 10.0.0.0/8, and one address.
            &["64:ff9b::a00:0/104"],
            &["2002:a00::/24"],
            &["64:ff9b::808:808/128", "2002:808:808::/48"],
            // The same half, in three ways.
            &["52.0.0.0/9", "64:ff9b::3400:0/105", "2002:3400::/25"],
        ] {
            assert!(!are_wide(&blocks(narrow)), "{narrow:?}");
        }
    }

    #[test]
    fn parts_add_up() {
        let are_most = |texts: &[&str]| are_most(&blocks(texts));
        for most in [
            &["0.0.0.0/0"][..],
            &["128.0.0.0/1"],
            &["0.0.0.0/2", "64.0.0.0/2"],
            &["10.0.0.0/8", "0.0.0.0/1"],
            &["::/0"],
            &["2000::/4"],
            &["2000::/5", "2800::/5"],
        ] {
            assert!(are_most(most), "{most:?}");
        }
        for some in [
            &[][..],
            &["0.0.0.0/2"],
            &["0.0.0.0/2", "0.0.0.0/2", "10.0.0.0/8"],
            &["10.0.0.0/8", "fd00::/8"],
            &["2000::/5", "2001:db8::/32"],
        ] {
            assert!(!are_most(some), "{some:?}");
        }
    }
}

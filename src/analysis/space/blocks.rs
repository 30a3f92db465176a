//! Address blocks, and the classes into which they cut the addresses.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use crate::analysis::space::language::Class;

/// A block: first and last address of one family.
type Span = (u128, u128);

/// Addresses that are shown where any of a class would do.
const PREFERRED: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
    IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3)),
    IpAddr::V4(Ipv4Addr::new(192, 168, 1, 2)),
    IpAddr::V4(Ipv4Addr::new(172, 16, 1, 2)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9)),
];

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn span(address: IpAddr, length: u8) -> Span {
    let width: u8 = if address.is_ipv4() { 32 } else { 128 };
    let host = 1_u128.checked_shl(u32::from(width - length.min(width))).map_or(u128::MAX, |power| power - 1);
    let first = number(address) & !host;
    (first, first | host)
}

/// Whether a block holds an address; blocks of one family never hold addresses of the other.
pub(in crate::analysis) fn holds(block: (IpAddr, u8), address: IpAddr) -> bool {
    let (first, last) = span(block.0, block.1);
    block.0.is_ipv4() == address.is_ipv4() && (first..=last).contains(&number(address))
}

/// Cuts all addresses: every one falls into exactly one class.
pub(in crate::analysis) fn cut(blocks: &[(IpAddr, u8)]) -> Vec<Class> {
    let mut classes: BTreeMap<Vec<usize>, IpAddr> = BTreeMap::new();
    let mut see = |address: IpAddr| {
        let own: Vec<usize> = blocks.iter().enumerate().filter(|(_, block)| holds(**block, address)).map(|(at, _)| at).collect();
        classes.entry(own).or_insert(address);
    };
    PREFERRED.into_iter().for_each(&mut see);
    for is_v4 in [true, false] {
        let spans = blocks.iter().filter(|block| block.0.is_ipv4() == is_v4).map(|block| span(block.0, block.1));
        // Between two neighbouring boundaries all addresses are in the same blocks.
        let mut boundaries = BTreeSet::from([0]);
        for (first, last) in spans {
            boundaries.insert(first);
            boundaries.extend(last.checked_add(1));
        }
        for start in boundaries {
            let of = |bits: u128| -> Option<IpAddr> {
                if is_v4 {
                    u32::try_from(bits).ok().map(|bits| Ipv4Addr::from_bits(bits).into())
                } else {
                    Some(Ipv6Addr::from_bits(bits).into())
                }
            };
            let Some(first) = of(start) else { continue };
            // The second address looks less like the name of the block than the first.
            let second = start.checked_add(1).and_then(of);
            let same = |address: &IpAddr| blocks.iter().all(|block| holds(*block, *address) == holds(*block, first));
            see(second.filter(same).unwrap_or(first));
        }
    }
    classes.into_iter().map(|(languages, address)| Class { languages, representative: address.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nested_blocks_make_one_class_each() {
        let blocks = [("10.0.0.0".parse().unwrap(), 8), ("10.1.0.0".parse().unwrap(), 16), ("::".parse().unwrap(), 0)];
        let classes: Vec<(Vec<usize>, String)> =
            cut(&blocks).into_iter().map(|class| (class.languages, class.representative)).collect();
        let text = str::to_owned;
        assert_eq!(
            classes,
            [
                (vec![], text("203.0.113.9")),
                (vec![0], text("10.0.0.1")),
                (vec![0, 1], text("10.1.2.3")),
                (vec![2], text("2001:db8::9"))
            ]
        );
    }

    proptest! {
        #[test]
        fn every_address_is_in_the_class_of_its_blocks(blocks in prop::collection::vec((any::<u32>(), 0_u8..=32), 0..8), probe: u32) {
            let blocks: Vec<(IpAddr, u8)> =
                blocks.into_iter().map(|(bits, length)| (Ipv4Addr::from_bits(bits & 0xc000_00ff).into(), length)).collect();
            let probe: IpAddr = Ipv4Addr::from_bits(probe & 0xc000_00ff).into();
            let own: Vec<usize> = (0..blocks.len()).filter(|at| holds(blocks[*at], probe)).collect();
            prop_assert!(cut(&blocks).iter().any(|class| class.languages == own));
        }
    }
}

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::policy::compile::marks::Hit;
use crate::policy::compile::marks::Mark;
use crate::policy::compile::marks::Marks;
use crate::policy::compile::marks::Postings;

/// Address blocks being gathered, one map per family: first address and prefix length.
#[derive(Debug, Default)]
pub(in crate::policy) struct AddressBuilder {
    v4: BTreeMap<(u128, u8), Marks>,
    v6: BTreeMap<(u128, u8), Marks>,
}

impl AddressBuilder {
    pub(in crate::policy) fn add(&mut self, address: IpAddr, length: u8, mark: Mark) {
        let (family, width) = match address {
            IpAddr::V4(_) => (&mut self.v4, 32),
            IpAddr::V6(_) => (&mut self.v6, 128),
        };
        let length = length.min(width);
        let first = number(address) & !host_mask(width, length);
        family.entry((first, length)).or_default().add(mark);
    }

    pub(in crate::policy) fn build(self, postings: &mut Postings) -> AddressIndex {
        AddressIndex { v4: Ranges::new(32, self.v4, postings), v6: Ranges::new(128, self.v6, postings) }
    }
}

/// Address blocks; a block of one family never covers an address of the other.
#[derive(Debug, Clone)]
pub(in crate::policy) struct AddressIndex {
    v4: Ranges,
    v6: Ranges,
}

impl AddressIndex {
    /// Every block that holds the address.
    #[inline]
    pub(in crate::policy) fn visit(&self, address: IpAddr, found: impl FnMut(Hit)) {
        match address {
            IpAddr::V4(_) => self.v4.visit(number(address), found),
            IpAddr::V6(_) => self.v6.visit(number(address), found),
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The bits below a prefix.
fn host_mask(width: u8, length: u8) -> u128 {
    let bits = u32::from(width - length);
    1_u128.checked_shl(bits).map_or(u128::MAX, |power| power - 1)
}

/// Blocks are nested or apart, so every address has one innermost block, and the others around it form a chain.
#[derive(Debug, Clone, Default)]
struct Ranges {
    /// From this address on, up to the next boundary, this block is the innermost.
    boundaries: Vec<(u128, Option<u32>)>,
    blocks: Vec<(Hit, Option<u32>)>,
}

impl Ranges {
    fn new(width: u8, sorted: BTreeMap<(u128, u8), Marks>, postings: &mut Postings) -> Self {
        let mut ranges = Self::default();
        // Blocks around the current one: last address and number.
        let mut open: Vec<(u128, u32)> = Vec::new();
        for ((first, length), marks) in sorted {
            ranges.close(&mut open, Some(first));
            let number = u32::try_from(ranges.blocks.len()).unwrap_or(u32::MAX);
            ranges.blocks.push((postings.store(&marks), open.last().map(|(_, number)| *number)));
            ranges.start(first, Some(number));
            open.push((first | host_mask(width, length), number));
        }
        ranges.close(&mut open, None);
        ranges
    }

    /// Ends the open blocks that lie wholly before an address.
    fn close(&mut self, open: &mut Vec<(u128, u32)>, before: Option<u128>) {
        while let Some(&(last, _)) = open.last() {
            if before.is_some_and(|before| last >= before) {
                break;
            }
            open.pop();
            if let Some(next) = last.checked_add(1) {
                self.start(next, open.last().map(|(_, number)| *number));
            }
        }
    }

    fn start(&mut self, address: u128, block: Option<u32>) {
        match self.boundaries.last_mut() {
            Some((last, innermost)) if *last == address => *innermost = block,
            _ => self.boundaries.push((address, block)),
        }
    }

    #[inline]
    fn visit(&self, address: u128, mut found: impl FnMut(Hit)) {
        let after = self.boundaries.partition_point(|(start, _)| *start <= address);
        let mut block = after.checked_sub(1).and_then(|position| self.boundaries.get(position)).and_then(|(_, block)| *block);
        while let Some((hit, around)) = block.and_then(|block| self.blocks.get(block as usize)) {
            found(*hit);
            block = *around;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address() -> impl Strategy<Value = IpAddr> {
        // Few distinct bits, so that blocks meet.
        prop_oneof![
            any::<u8>().prop_map(|bits| IpAddr::from([u8::from(bits & 1 > 0) * 255, 0, bits >> 6, bits & 0x83])),
            any::<u8>().prop_map(|bits| IpAddr::from([
                u16::from(bits & 1 > 0) * 0xffff,
                0,
                0,
                0,
                0,
                0,
                0,
                u16::from(bits & 0x83)
            ])),
        ]
    }

    proptest! {
        #[test]
        fn every_block_that_holds_an_address_is_found(
            blocks in prop::collection::vec((address(), 0_u8..=128), 0..40),
            probe in address(),
        ) {
            let mut builder = AddressBuilder::default();
            for (bit, (block, length)) in blocks.iter().enumerate() {
                builder.add(*block, *length, Mark { at: 0, bits: 1 << bit });
            }
            let mut postings = Postings::default();
            let index = builder.build(&mut postings);
            let mut accumulator = [0];
            index.visit(probe, |hit| postings.apply(hit, &mut accumulator));
            for (bit, (block, length)) in blocks.iter().enumerate() {
                let holds = match (block, probe) {
                    (IpAddr::V4(block), IpAddr::V4(probe)) => {
                        let shift = 32 - u32::from(*length.min(&32));
                        block.to_bits().checked_shr(shift) == probe.to_bits().checked_shr(shift)
                    }
                    (IpAddr::V6(block), IpAddr::V6(probe)) => {
                        let shift = 128 - u32::from(*length);
                        block.to_bits().checked_shr(shift) == probe.to_bits().checked_shr(shift)
                    }
                    _ => false,
                };
                prop_assert_eq!(accumulator[0] >> bit & 1 == 1, holds, "{}/{} {}", block, length, probe);
            }
        }
    }
}

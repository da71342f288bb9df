//! Whether pseudonyms look drawn at random. A counter, a time, an order or a short hash shows in the
//! bytes of the different values: bits that are not half ones, bytes of which some occur too often, values
//! that share their beginning.
//!
//! Their order in a file says nothing here: mappings may sort by them. Sampled evenly where there are more
//! than are kept. **Power:** a single bit that leans by 3 points in 100 is seen among 15 000 values; a
//! constant byte, a counter or a time among 64.

use crate::verify::content::distinct::Distinct;

use super::targets::Target;

/// Fewer different values say nothing.
pub const LEAST: usize = 64;
/// From so many on the bytes are held against chance, not only the bits.
const BYTES: usize = 5_000;
/// So many standard deviations from chance a fair bit is once in 3 * 10^12.
const DEVIATIONS: f64 = 7.0;

/// What is not random about different values, in Dutch; nothing when they look drawn.
#[must_use]
pub fn faults(different: &Distinct<Target>) -> Vec<&'static str> {
    let mut values: Vec<u128> = different
        .iter()
        .map(|(_, t)| u128::from(t.prefix) << 64 | u128::from(t.next))
        .collect();
    if values.len() < LEAST {
        return Vec::new();
    }
    values.sort_unstable();
    let mut found = Vec::new();
    if leaning_bit(&values) {
        found.push("een bit is niet om het even 0 of 1 (teller, tijd, versie of vaste waarde)");
    }
    if values.len() >= BYTES && uneven_byte(&values) {
        found.push("een byte heeft voorkeurswaarden");
    }
    if values.windows(2).any(|two| two[0] >> 64 == two[1] >> 64) {
        found.push("verschillende waarden met dezelfde eerste acht bytes");
    }
    found
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn leaning_bit(values: &[u128]) -> bool {
    let n = values.len() as f64;
    (0..128).any(|bit| {
        let ones = values.iter().filter(|v| *v >> bit & 1 == 1).count() as f64;
        (ones - n / 2.0).abs() > DEVIATIONS * n.sqrt() / 2.0
    })
}

/// A chi-square test over each byte, its tail by Wilson and Hilferty.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn uneven_byte(values: &[u128]) -> bool {
    const FREE: f64 = 255.0;
    let expected = values.len() as f64 / 256.0;
    (0..16).any(|byte| {
        let mut counts = [0u64; 256];
        for value in values {
            counts[usize::from(value.to_be_bytes()[byte])] += 1;
        }
        let square = |count: &u64| (*count as f64 - expected).powi(2) / expected;
        let chi: f64 = counts.iter().map(square).sum();
        let scale = 2.0 / (9.0 * FREE);
        ((chi / FREE).cbrt() - (1.0 - scale)) / scale.sqrt() > DEVIATIONS
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::content::forms::stir;

    fn of(values: impl Iterator<Item = [u8; 16]>) -> Vec<&'static str> {
        let mut all = Distinct::new(1 << 15);
        for value in values {
            let target = Target::new(&value, 0).unwrap();
            all.add(stir(target.prefix ^ target.next.rotate_left(29)), || target);
        }
        faults(&all)
    }

    fn random(n: u64) -> [u8; 16] {
        let two = [stir(n * 2 + 1), stir(n * 2 + 2).rotate_left(7)];
        let bytes: Vec<u8> = two.iter().flat_map(|w| w.to_be_bytes()).collect();
        bytes.try_into().unwrap()
    }

    #[test]
    fn random_values_have_no_fault() {
        for count in [10, 64, 500, 6_000, 30_000] {
            for start in 0..20 {
                let values = (0..count).map(|n| random(start * 1_000_000 + n));
                assert!(of(values).is_empty(), "{count} {start}");
            }
        }
        // As the lock makes them.
        let key = crate::lock::keys::RootKey::for_tests().domain("d");
        let one = crate::lock::pseudonym::Pseudonymiser::new(&key);
        let kind = crate::lock::pseudonym::IdentifierKind::Bsn;
        let values = (0..20_000).filter_map(|n| one.pseudonym(kind, format!("{n:09}").as_bytes()));
        assert!(of(values).is_empty());
    }

    #[test]
    fn counters_times_and_fixed_bits_are_seen() {
        let with = |place: usize, byte: fn(u64) -> u8| {
            (0..200).map(move |n| {
                let mut value = random(n);
                value[place] = byte(n);
                value
            })
        };
        assert!(!of(with(0, |_| 7)).is_empty());
        assert!(!of(with(6, |n| (stir(n).to_le_bytes()[0] & 0x0f) | 0x40)).is_empty());
        assert!(!of((0..200u128).map(u128::to_be_bytes)).is_empty());
        let time = |n: u64| (1_735_689_600_000 + n * 1_017) << 16;
        let versioned = (0..200).map(|n| {
            let mut value = random(n);
            value[..8].copy_from_slice(&time(n).to_be_bytes());
            value
        });
        assert!(!of(versioned).is_empty());
        // A byte with too few different values, each bit of which is fair.
        let few = (0..20_000).map(|n| {
            let mut value = random(n);
            let four = value[3] & 0x0f;
            value[3] = four << 4 | four;
            value
        });
        assert_eq!(of(few).len(), 1);
    }
}

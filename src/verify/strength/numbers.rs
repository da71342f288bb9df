//! All numbers that pass the elfproef, one after another, at next to no cost: the ninth digit follows
//! from the first eight, and the first eight are two halves from a table.

/// The halves of four digits.
pub const HALVES: usize = 10_000;

/// A number in nine ASCII digits.
pub type Digits = [u8; 9];

/// What four digits are as text, and what they add to the elfproef in front and behind.
pub struct Table {
    text: Vec<[u8; 4]>,
    front: Vec<u8>,
    behind: Vec<u8>,
}

impl Table {
    /// The table of all halves.
    #[must_use]
    pub fn new() -> Self {
        let halves = (0..10u8).flat_map(|a| {
            (0..10u8).flat_map(move |b| {
                (0..10u8).flat_map(move |c| (0..10u8).map(move |d| [a, b, c, d]))
            })
        });
        let sum = |half: [u8; 4], weights: [u8; 4]| {
            let products = half.iter().zip(weights);
            let sum: u16 = products.map(|(d, w)| u16::from(*d) * u16::from(w)).sum();
            u8::try_from(sum % 11).unwrap_or_default()
        };
        let (mut text, mut front, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for half in halves {
            text.push(half.map(|digit| b'0' + digit));
            front.push(sum(half, [9, 8, 7, 6]));
            behind.push(sum(half, [5, 4, 3, 2]));
        }
        Self {
            text,
            front,
            behind,
        }
    }

    /// Every number that begins with these four digits (0 to 9999) and passes the elfproef; nine zeros
    /// are no number.
    #[inline]
    pub fn each(&self, half: usize, mut with: impl FnMut(&Digits)) {
        let (Some(start), Some(&front)) = (self.text.get(half), self.front.get(half)) else {
            return;
        };
        let mut digits = [b'0'; 9];
        digits[..4].copy_from_slice(start);
        for (text, behind) in self.text.iter().zip(&self.behind) {
            let sum = front + behind;
            let last = if sum >= 11 { sum - 11 } else { sum };
            if last == 10 {
                continue;
            }
            digits[4..8].copy_from_slice(text);
            digits[8] = b'0' + last;
            if digits != [b'0'; 9] {
                with(&digits);
            }
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::bsn;

    #[test]
    fn these_are_the_numbers_that_pass() {
        let table = Table::new();
        for half in [0, 1, 9, 10, 4_321, 9_999] {
            let mut made = Vec::new();
            table.each(half, |digits| made.push(*digits));
            let first = u32::try_from(half).unwrap() * 100_000;
            let expected: Vec<Digits> = (first..first + 100_000)
                .map(|n| Digits::try_from(format!("{n:09}").as_bytes()).unwrap())
                .filter(bsn::passes)
                .collect();
            assert_eq!(made, expected, "{half}");
        }
    }

    #[test]
    fn there_are_as_many_as_theory_says() {
        let table = Table::new();
        let count = |front: u8| {
            table
                .behind
                .iter()
                .filter(|b| (front + **b) % 11 != 10)
                .count()
        };
        let all: usize = table.front.iter().map(|front| count(*front)).sum();
        // 90 909 091 with nine zeros among them.
        assert_eq!(all, 90_909_091);
    }
}

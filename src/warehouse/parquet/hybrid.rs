//! The RLE / bit-packing hybrid of Parquet (format specification, "Encodings", RLE = 3).

/// The bits that the largest value needs; 0 where it is 0.
#[must_use]
pub fn bit_width(max: u32) -> u8 {
    // At most 32.
    u8::try_from(32 - max.leading_zeros()).unwrap_or(32)
}

/// Runs at least this long are written as one value and a count. Shorter ones cost more bytes and
/// headers than they save.
const MIN_RUN: usize = 64;

/// Encodes values of `width` bits. Long runs become RLE runs, all else is bit-packed in groups of eight.
pub fn encode(values: &[u32], width: u8, out: &mut Vec<u8>) {
    let mut at = 0;
    while at < values.len() {
        let run = run_length(&values[at..]);
        if run >= MIN_RUN {
            repeated(values[at], run, width, out);
            at += run;
        } else {
            let end = packed_end(values, at);
            packed(&values[at..end], width, out);
            at = end;
        }
    }
}

fn run_length(values: &[u32]) -> usize {
    values.iter().take_while(|v| **v == values[0]).count()
}

/// Where a bit-packed run that begins at `from` ends: before the next long run, on a multiple of eight.
fn packed_end(values: &[u32], from: usize) -> usize {
    let mut at = from + 8;
    while at < values.len() {
        // A long run covers its 1st and its MIN_RUN-th value; looking at eight values first is quick.
        let group = &values[at..(at + 8).min(values.len())];
        if group.iter().all(|v| *v == group[0]) && run_length(&values[at..]) >= MIN_RUN {
            return at;
        }
        at += 8;
    }
    values.len()
}

/// One RLE run.
pub fn repeated(value: u32, count: usize, width: u8, out: &mut Vec<u8>) {
    varint(count << 1, out);
    out.extend_from_slice(&value.to_le_bytes()[..usize::from(width).div_ceil(8)]);
}

/// One bit-packed run; the last group is filled with zeros.
fn packed(values: &[u32], width: u8, out: &mut Vec<u8>) {
    varint(values.len().div_ceil(8) << 1 | 1, out);
    let end = out.len() + values.len().div_ceil(8) * usize::from(width);
    out.reserve(end - out.len() + 8);
    let (mut bits, mut filled) = (0u64, 0u32);
    for &value in values {
        bits |= u64::from(value) << filled;
        filled += u32::from(width);
        if filled >= 32 {
            out.extend_from_slice(&bits.to_le_bytes()[..4]);
            bits >>= 32;
            filled -= 32;
        }
    }
    out.extend_from_slice(&bits.to_le_bytes()[..(filled as usize).div_ceil(8)]);
    out.resize(end, 0);
}

fn varint(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A reader written from the specification, not from the writer.
    fn decode(mut bytes: &[u8], width: u8, count: usize) -> Vec<u32> {
        let mut values = Vec::new();
        while values.len() < count {
            let mut header = 0usize;
            let mut shift = 0;
            loop {
                let byte = bytes[0];
                bytes = &bytes[1..];
                header |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            if header & 1 == 0 {
                let size = usize::from(width).div_ceil(8);
                let mut word = [0u8; 4];
                word[..size].copy_from_slice(&bytes[..size]);
                bytes = &bytes[size..];
                values.extend(std::iter::repeat_n(u32::from_le_bytes(word), header >> 1));
            } else {
                let groups = header >> 1;
                for i in 0..groups * 8 {
                    let value = (0..usize::from(width)).fold(0u32, |v, b| {
                        let bit = i * usize::from(width) + b;
                        v | u32::from(bytes[bit / 8] >> (bit % 8) & 1) << b
                    });
                    values.push(value);
                }
                bytes = &bytes[groups * usize::from(width)..];
            }
        }
        assert!(bytes.is_empty());
        values.truncate(count);
        values
    }

    proptest! {
        #[test]
        fn reads_back(runs in proptest::collection::vec((0u32..2000, 1usize..200), 0..40)) {
            let values: Vec<u32> = runs.iter().flat_map(|&(v, n)| (0..n).map(move |i| if n % 2 == 0 { v } else { v + u32::try_from(i).unwrap() })).collect();
            let width = bit_width(values.iter().copied().max().unwrap_or(0));
            let mut bytes = Vec::new();
            encode(&values, width, &mut bytes);
            prop_assert_eq!(decode(&bytes, width, values.len()), values);
        }
    }

    #[test]
    fn widths() {
        for (max, width) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (3, 2),
            (255, 8),
            (256, 9),
            (u32::MAX, 32),
        ] {
            assert_eq!(bit_width(max), width);
        }
        for width in [0u8, 1, 7, 31, 32] {
            let values: Vec<u32> = (0..100u32)
                .map(|i| {
                    if width == 0 {
                        0
                    } else {
                        (i * 77) & (u32::MAX >> (32 - width))
                    }
                })
                .collect();
            let mut bytes = Vec::new();
            encode(&values, width, &mut bytes);
            assert_eq!(decode(&bytes, width, 100), values, "{width}");
        }
    }
}

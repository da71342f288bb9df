//! The unkeyed hash functions that somebody might have used, made for short messages: one padded block
//! through the compression function, nothing allocated. Of each the first 128 bits.

use sha3::Digest as _;

/// The longest message in bytes.
pub const MAX_MESSAGE: usize = 16;

/// The first 128 bits of a digest, as two numbers.
pub type Lead = (u64, u64);

/// A short message with its length.
#[derive(Clone, Copy)]
pub struct Message {
    /// Its bytes; zeros behind them.
    pub bytes: [u8; MAX_MESSAGE],
    /// How many of them count.
    pub length: usize,
}

impl Message {
    /// A message of these bytes; what is too long is cut.
    #[inline]
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let length = text.len().min(MAX_MESSAGE);
        let mut bytes = [0; MAX_MESSAGE];
        bytes[..length].copy_from_slice(&text[..length]);
        Self { bytes, length }
    }

    /// The bytes that count.
    #[inline]
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-224.
    Sha3_224,
    /// SHA3-256.
    Sha3_256,
    /// SHA3-384.
    Sha3_384,
    /// SHA3-512.
    Sha3_512,
    /// BLAKE3.
    Blake3,
}

impl Hash {
    /// All of them, the likeliest first.
    pub const ALL: [Self; 11] = [
        Self::Sha256,
        Self::Md5,
        Self::Sha1,
        Self::Sha512,
        Self::Sha224,
        Self::Sha384,
        Self::Blake3,
        Self::Sha3_256,
        Self::Sha3_512,
        Self::Sha3_224,
        Self::Sha3_384,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha3_224 => "SHA3-224",
            Self::Sha3_256 => "SHA3-256",
            Self::Sha3_384 => "SHA3-384",
            Self::Sha3_512 => "SHA3-512",
            Self::Blake3 => "BLAKE3",
        }
    }

    /// Bytes of a whole digest. BLAKE3 gives as many as asked.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 => 64,
            Self::Blake3 => usize::MAX,
        }
    }

    /// The first 128 bits of the digest of a message.
    #[inline]
    #[must_use]
    pub fn lead(self, message: &Message) -> Lead {
        match self {
            Self::Md5 => md5_lead(message),
            Self::Sha1 => sha1_lead(message),
            Self::Sha224 => sha256_lead(&SHA224, message),
            Self::Sha256 => sha256_lead(&SHA256, message),
            Self::Sha384 => sha512_lead(&SHA384, message),
            Self::Sha512 => sha512_lead(&SHA512, message),
            Self::Sha3_224 => bytes_lead(&sha3::Sha3_224::digest(message.text())),
            Self::Sha3_256 => bytes_lead(&sha3::Sha3_256::digest(message.text())),
            Self::Sha3_384 => bytes_lead(&sha3::Sha3_384::digest(message.text())),
            Self::Sha3_512 => bytes_lead(&sha3::Sha3_512::digest(message.text())),
            Self::Blake3 => bytes_lead(blake3::hash(message.text()).as_bytes()),
        }
    }
}

/// The initial states (RFC 1321, FIPS 180-4).
const MD5: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
const SHA1: [u32; 5] = [
    0x6745_2301,
    0xefcd_ab89,
    0x98ba_dcfe,
    0x1032_5476,
    0xc3d2_e1f0,
];
const SHA224: [u32; 8] = [
    0xc105_9ed8,
    0x367c_d507,
    0x3070_dd17,
    0xf70e_5939,
    0xffc0_0b31,
    0x6858_1511,
    0x64f9_8fa7,
    0xbefa_4fa4,
];
pub(super) const SHA256: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
const SHA384: [u64; 8] = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];
const SHA512: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

#[inline]
fn block<const N: usize>(message: &Message) -> [u8; N] {
    let mut block = [0u8; N];
    block[..MAX_MESSAGE].copy_from_slice(&message.bytes);
    block[message.length] = 0x80;
    block
}

#[inline]
fn bits(message: &Message) -> u64 {
    message.length as u64 * 8
}

#[inline]
fn pair(a: u32, b: u32) -> u64 {
    u64::from(a) << 32 | u64::from(b)
}

#[inline]
fn md5_lead(message: &Message) -> Lead {
    let mut block = block::<64>(message);
    block[56..].copy_from_slice(&bits(message).to_le_bytes());
    let mut state = MD5;
    md5::block_api::compress(&mut state, std::slice::from_ref(&block));
    let [a, b, c, d] = state.map(u32::swap_bytes);
    (pair(a, b), pair(c, d))
}

#[inline]
fn sha1_lead(message: &Message) -> Lead {
    let mut block = block::<64>(message);
    block[56..].copy_from_slice(&bits(message).to_be_bytes());
    let mut state = SHA1;
    sha1::block_api::compress(&mut state, std::slice::from_ref(&block));
    (pair(state[0], state[1]), pair(state[2], state[3]))
}

#[inline]
fn sha256_lead(initial: &[u32; 8], message: &Message) -> Lead {
    let mut block = block::<64>(message);
    block[56..].copy_from_slice(&bits(message).to_be_bytes());
    let mut state = *initial;
    sha2::block_api::compress256(&mut state, std::slice::from_ref(&block));
    (pair(state[0], state[1]), pair(state[2], state[3]))
}

#[inline]
fn sha512_lead(initial: &[u64; 8], message: &Message) -> Lead {
    let mut block = block::<128>(message);
    block[120..].copy_from_slice(&bits(message).to_be_bytes());
    let mut state = *initial;
    sha2::block_api::compress512(&mut state, std::slice::from_ref(&block));
    (state[0], state[1])
}

/// The first 128 bits of something of at least so many.
#[inline]
#[must_use]
pub fn bytes_lead(digest: &[u8]) -> Lead {
    let word = |from: usize| {
        let mut eight = [0u8; 8];
        for (to, byte) in eight.iter_mut().zip(digest.iter().skip(from)) {
            *to = *byte;
        }
        u64::from_be_bytes(eight)
    };
    (word(0), word(8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reference(hash: Hash, text: &[u8]) -> Vec<u8> {
        use sha2::Digest as _;
        match hash {
            Hash::Md5 => md5::Md5::digest(text).to_vec(),
            Hash::Sha1 => sha1::Sha1::digest(text).to_vec(),
            Hash::Sha224 => sha2::Sha224::digest(text).to_vec(),
            Hash::Sha256 => sha2::Sha256::digest(text).to_vec(),
            Hash::Sha384 => sha2::Sha384::digest(text).to_vec(),
            Hash::Sha512 => sha2::Sha512::digest(text).to_vec(),
            Hash::Sha3_224 => sha3::Sha3_224::digest(text).to_vec(),
            Hash::Sha3_256 => sha3::Sha3_256::digest(text).to_vec(),
            Hash::Sha3_384 => sha3::Sha3_384::digest(text).to_vec(),
            Hash::Sha3_512 => sha3::Sha3_512::digest(text).to_vec(),
            Hash::Blake3 => blake3::hash(text).as_bytes().to_vec(),
        }
    }

    /// The digests of `abc` that the standards print.
    #[test]
    fn published() {
        for (hash, digest) in [
            (Hash::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Hash::Sha1, "a9993e364706816aba3e25717850c26c"),
            (Hash::Sha224, "23097d223405d8228642a477bda255b3"),
            (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223"),
            (Hash::Sha384, "cb00753f45a35e8bb5a03d699ac65007"),
            (Hash::Sha512, "ddaf35a193617abacc417349ae204131"),
            (Hash::Sha3_224, "e642824c3f8cf24ad09234ee7d3c766f"),
            (Hash::Sha3_256, "3a985da74fe225b2045c172d6bd390bd"),
            (Hash::Sha3_384, "ec01498288516fc926459f58e2c6ad8d"),
            (Hash::Sha3_512, "b751850b1a57168a5693cd924b6b096e"),
            (Hash::Blake3, "6437b3ac38465133ffb63b75273a8db5"),
        ] {
            let (a, b) = hash.lead(&Message::new(b"abc"));
            assert_eq!(format!("{a:016x}{b:016x}"), digest, "{hash:?}");
        }
    }

    proptest! {
        #[test]
        fn equals_the_libraries(text in proptest::collection::vec(any::<u8>(), 0..=MAX_MESSAGE)) {
            for hash in Hash::ALL {
                let expected = bytes_lead(&reference(hash, &text));
                prop_assert_eq!(hash.lead(&Message::new(&text)), expected);
            }
        }
    }
}

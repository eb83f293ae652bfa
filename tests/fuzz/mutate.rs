//! Inputs: a well-formed seed and a list of edits to it. A shrunken failure is a short list of edits.

use bolero::TypeGenerator;

/// How an input is made.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Recipe {
    seed: u16,
    // Few: after many edits nothing of the seed is left that a reader would follow.
    #[generator(bolero::produce::<Vec<Edit>>().with().len(0..=12_usize))]
    edits: Vec<Edit>,
    /// Which of a target's variants is meant: a path, a packing.
    pub variant: u16,
    /// Checksums of tar headers are made right again.
    mend: bool,
}

/// One edit. Places are parts of the whole, so that they stay where they were when the seed changes.
#[derive(Debug, Clone, TypeGenerator)]
enum Edit {
    Set { at: u32, byte: u8 },
    Flip { at: u32, bit: u8 },
    Remove { at: u32, length: u8 },
    Insert { at: u32, bytes: [u8; 4] },
    Word { at: u32, word: u8 },
    Repeat { at: u32, length: u8, times: u8 },
    Copy { from: u32, to: u32, length: u16 },
    Number { at: u32, which: u8, big: bool },
    Cut { at: u32 },
    Graft { at: u32, seed: u16 },
}

/// No text grows beyond this; what is superlinear shows at this length, too.
pub const TEXT: usize = 4 * 1024;
/// No archive or database grows beyond this.
pub const BINARY: usize = 96 * 1024;

/// Numbers at which counting goes wrong.
const NUMBERS: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    511,
];

fn place(at: u32, length: usize) -> usize {
    usize::try_from((u64::from(at) * length as u64) >> 32).unwrap()
}

impl Recipe {
    /// The input.
    pub fn make(&self, seeds: &[Vec<u8>], words: &[&str], longest: usize) -> Vec<u8> {
        let seed = |number: u16| seeds.get(usize::from(number) % seeds.len().max(1)).cloned().unwrap_or_default();
        let mut bytes = seed(self.seed);
        for edit in &self.edits {
            edit.apply(&mut bytes, &seed, words);
            bytes.truncate(longest);
        }
        if self.mend {
            mend(&mut bytes);
        }
        bytes
    }

    /// Which seed it starts from.
    pub fn seed(&self) -> u16 {
        self.seed
    }

    /// The input as text; bytes that are none become replacement characters, as collecting does it.
    pub fn text(&self, seeds: &[Vec<u8>], words: &[&str]) -> String {
        String::from_utf8_lossy(&self.make(seeds, words, TEXT)).into_owned()
    }
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>, seed: &impl Fn(u16) -> Vec<u8>, words: &[&str]) {
        let length = bytes.len();
        let end = |start: usize, count: usize| start.saturating_add(count).min(length);
        match self {
            Edit::Set { at, byte } => {
                if let Some(target) = bytes.get_mut(place(*at, length)) {
                    *target = *byte;
                }
            }
            Edit::Flip { at, bit } => {
                if let Some(target) = bytes.get_mut(place(*at, length)) {
                    *target ^= 1 << (bit % 8);
                }
            }
            Edit::Remove { at, length } => {
                let start = place(*at, bytes.len());
                bytes.drain(start..end(start, usize::from(*length)));
            }
            Edit::Insert { at, bytes: new } => {
                let start = place(*at, length);
                bytes.splice(start..start, new.iter().copied());
            }
            Edit::Word { at, word } => {
                if let Some(word) = words.get(usize::from(*word) % words.len().max(1)) {
                    let start = place(*at, length);
                    bytes.splice(start..start, word.bytes());
                }
            }
            Edit::Repeat { at, length, times } => {
                let start = place(*at, bytes.len());
                let part = bytes[start..end(start, usize::from(*length))].repeat(usize::from(*times));
                bytes.splice(start..start, part);
            }
            Edit::Copy { from, to, length: count } => {
                let start = place(*from, length);
                let part = bytes[start..end(start, usize::from(*count))].to_vec();
                let to = place(*to, length);
                bytes.splice(to..to, part);
            }
            Edit::Number { at, which, big } => {
                let number = NUMBERS[usize::from(*which) % NUMBERS.len()];
                let width = 1 << (which % 4);
                let encoded = if *big {
                    number.to_be_bytes()[8 - width..].to_vec()
                } else {
                    number.to_le_bytes()[..width].to_vec()
                };
                let start = place(*at, length);
                for (target, byte) in bytes[start..].iter_mut().zip(encoded) {
                    *target = byte;
                }
            }
            Edit::Cut { at } => bytes.truncate(place(*at, length)),
            Edit::Graft { at, seed: number } => {
                let other = seed(*number);
                bytes.truncate(place(*at, length));
                bytes.extend_from_slice(&other[place(*at, other.len())..]);
            }
        }
    }
}

/// Makes the checksum of whatever looks like a tar header right: a reader looks no further at one that is wrong.
fn mend(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}

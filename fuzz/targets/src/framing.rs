//! Several byte strings in one input, for targets that take more than one: each begins with its length, 32 bits, little
//! endian. A length that lies is cut to what is there, so that every input means something.

/// The first string and what follows it.
#[must_use]
pub fn cut(data: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = data.split_first_chunk::<4>() else { return (&[], &[]) };
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    rest.split_at(length.min(rest.len()))
}

/// All strings in their order.
pub fn pieces(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if data.is_empty() {
            return None;
        }
        let (piece, rest) = cut(data);
        data = rest;
        Some(piece)
    })
}

/// The input that [`pieces`] cuts into these.
#[must_use]
pub fn joined<P: AsRef<[u8]>>(pieces: impl IntoIterator<Item = P>) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        let piece = piece.as_ref();
        out.extend(u32::try_from(piece.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(piece);
    }
    out
}

/// Takes small numbers and pieces off the front of an input that is a script; zeros where it has ended.
#[derive(Debug)]
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    pub fn byte(&mut self) -> u8 {
        self.bytes::<1>()[0]
    }

    pub fn word(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        for to in &mut out {
            if let Some((first, rest)) = self.0.split_first() {
                (*to, self.0) = (*first, rest);
            }
        }
        out
    }

    pub fn piece(&mut self) -> &'a [u8] {
        let (piece, rest) = cut(self.0);
        self.0 = rest;
        piece
    }
}

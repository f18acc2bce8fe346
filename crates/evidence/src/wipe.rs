//! Wiping large buffers of plaintext.

/// Overwrites all of a buffer with zeros, spare bytes behind its end too, and leaves it as long as it was.
///
/// `zeroize` writes byte by byte, and on buffers that hold every byte of a database or a video that costs more than
/// decrypting them. This is one `memset`, and the barrier keeps the compiler from leaving it out. For keys `zeroize` stays.
pub fn wipe(buffer: &mut Vec<u8>) {
    let (len, all) = (buffer.len(), buffer.capacity());
    buffer.resize(all, 0); // within the allocation: nothing moves
    buffer.fill(0);
    zeroize::optimization_barrier(buffer.as_slice());
    buffer.truncate(len);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_within_or_behind_the_length() {
        let mut buffer = vec![7_u8; 100];
        let at = buffer.as_ptr();
        buffer.truncate(40);
        wipe(&mut buffer);
        assert_eq!(buffer, [0; 40]);
        buffer.resize(100, 1);
        assert_eq!(buffer.as_ptr(), at, "the same allocation");
    }
}

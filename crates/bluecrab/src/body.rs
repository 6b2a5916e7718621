//! Bytes of a request or response.

use std::alloc::{Layout, alloc, dealloc};
use std::ops::Deref;
use std::ptr::NonNull;

/// Bytes, owned: those of a request without a copy, or any others.
pub struct Bytes(Storage);

enum Storage {
    Vector(Vec<u8>),
    Buffer(Buffer),
}

/// A buffer of `bluecrab_alloc`.
pub(crate) struct Buffer {
    pointer: NonNull<u8>,
    length: usize,
}

// Only modules allocate buffers; natively just the tests do.
#[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
impl Buffer {
    /// Alignment of every buffer, as the ABI promises.
    const ALIGNMENT: usize = 16;

    /// Memory for `length` bytes; nothing where there is none.
    pub(crate) fn allocate(length: usize) -> Option<NonNull<u8>> {
        let layout = Self::layout(length)?;
        // SAFETY: the layout's size is not 0.
        NonNull::new(unsafe { alloc(layout) })
    }

    /// Takes over what `allocate` gave.
    ///
    /// # Safety
    /// The pointer is of `allocate(length)`, its bytes are initialised, and nobody else uses or frees it.
    pub(crate) unsafe fn from_raw(pointer: NonNull<u8>, length: usize) -> Self {
        Self { pointer, length }
    }

    fn layout(length: usize) -> Option<Layout> {
        Layout::from_size_align(length.max(1), Self::ALIGNMENT).ok()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(layout) = Self::layout(self.length) {
            // SAFETY: `from_raw` took over what `allocate` gave for this layout.
            unsafe { dealloc(self.pointer.as_ptr(), layout) }
        }
    }
}

impl From<Buffer> for Bytes {
    fn from(buffer: Buffer) -> Self {
        Self(Storage::Buffer(buffer))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Storage::Vector(bytes))
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        text.as_bytes().to_vec().into()
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl<const N: usize> From<&[u8; N]> for Bytes {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.to_vec().into()
    }
}

/// A copy of a request's bytes; others are not copied.
impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        match bytes.0 {
            Storage::Vector(vector) => vector,
            Storage::Buffer(_) => bytes.to_vec(),
        }
    }
}

impl Clone for Bytes {
    fn clone(&self) -> Self {
        self.to_vec().into()
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl Default for Bytes {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Storage::Vector(vector) => vector,
            // SAFETY: `from_raw` was given initialised bytes of this length, which this value owns.
            Storage::Buffer(buffer) => unsafe { std::slice::from_raw_parts(buffer.pointer.as_ptr(), buffer.length) },
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Bytes({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_over_a_buffer() {
        let pointer = Buffer::allocate(5).unwrap();
        assert_eq!(pointer.as_ptr() as usize % 16, 0);
        // SAFETY: the memory is of `allocate(5)`, written in full before it is taken over.
        let bytes = unsafe {
            pointer.as_ptr().copy_from(b"hello".as_ptr(), 5);
            Bytes::from(Buffer::from_raw(pointer, 5))
        };
        assert_eq!(&*bytes, b"hello");
        assert_eq!(bytes.clone(), Bytes::from(b"hello"));
        assert_eq!(Vec::from(bytes), b"hello");
    }
}

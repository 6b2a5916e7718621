//! The bytes of a request or a response.

use std::alloc::{Layout, alloc, dealloc};
use std::borrow::Borrow;
use std::ops::{Deref, Range};
use std::ptr::NonNull;
use std::rc::Rc;

/// Owned bytes: the body of a request, which is not copied, or bytes that the function made.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Bytes, Request, http};
///
/// #[http(methods = ["POST"])]
/// fn count_lines(body: Bytes) -> String {
///     body.split(|byte| *byte == b'\n').count().to_string()
/// }
///
/// assert_eq!(call(count_lines, Request::post("/api/count-lines").with_body("a\nb")).text().unwrap(), "2");
/// ```
///
/// As an argument it never rejects a request. As `Option<Bytes>` it is `None` if the body is empty. As a response it
/// has the header `Content-Type: application/octet-stream`.
pub struct Bytes(Storage);

enum Storage {
    Vector(Vec<u8>),
    Buffer(Buffer),
    /// A part of other bytes: an item of a batch, or an input.
    Part(Rc<Bytes>, Range<usize>),
}

/// A buffer that the export `bluecrab_alloc` allocated, and that the worker has filled.
pub(crate) struct Buffer {
    pointer: NonNull<u8>,
    length: usize,
}

// On other targets than WebAssembly, only the tests allocate buffers.
#[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
impl Buffer {
    /// The alignment that the ABI promises for every buffer.
    const ALIGNMENT: usize = 16;

    /// Allocates `length` bytes. Returns `None` if the memory is exhausted.
    pub(crate) fn allocate(length: usize) -> Option<NonNull<u8>> {
        let layout = Self::layout(length)?;
        // SAFETY: the layout's size is not 0.
        NonNull::new(unsafe { alloc(layout) })
    }

    /// Takes ownership of a buffer that `allocate` returned.
    ///
    /// # Safety
    /// `allocate(length)` returned the pointer, all its bytes are initialized, and no other code uses or frees it.
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
            // SAFETY: `allocate` allocated the pointer with this layout, and `from_raw` took ownership of it.
            unsafe { dealloc(self.pointer.as_ptr(), layout) }
        }
    }
}

impl Bytes {
    /// Some of these bytes, without a copy. `None` if they end before.
    pub(crate) fn part(self: &Rc<Self>, start: usize, length: usize) -> Option<Self> {
        let range = start..start.checked_add(length)?;
        self.get(range.clone())?;
        Some(Self(Storage::Part(Rc::clone(self), range)))
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

/// Copies the bytes if they are a request's body, because a `Vec` cannot own its 16-byte aligned buffer.
impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        match bytes.0 {
            Storage::Vector(vector) => vector,
            _ => bytes.to_vec(),
        }
    }
}

impl Clone for Bytes {
    fn clone(&self) -> Self {
        match &self.0 {
            Storage::Part(whole, range) => Self(Storage::Part(Rc::clone(whole), range.clone())),
            _ => self.to_vec().into(),
        }
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
            // SAFETY: the caller of `from_raw` promised initialized bytes of this length, and this value owns them.
            Storage::Buffer(buffer) => unsafe { std::slice::from_raw_parts(buffer.pointer.as_ptr(), buffer.length) },
            Storage::Part(whole, range) => &whole[range.clone()],
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
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
    fn a_buffer_becomes_bytes() {
        let pointer = Buffer::allocate(5).unwrap();
        assert_eq!(pointer.as_ptr() as usize % 16, 0);
        // SAFETY: `allocate(5)` returned the memory, and all five bytes are written first.
        let bytes = unsafe {
            pointer.as_ptr().copy_from(b"hello".as_ptr(), 5);
            Bytes::from(Buffer::from_raw(pointer, 5))
        };
        assert_eq!(&*bytes, b"hello");
        assert_eq!(bytes.clone(), Bytes::from(b"hello"));
        assert_eq!(Vec::from(bytes), b"hello");
    }

    #[test]
    fn parts_stay_inside() {
        let whole = Rc::new(Bytes::from("hello"));
        assert_eq!(&*whole.part(1, 3).unwrap().clone(), b"ell");
        assert_eq!(&*whole.part(5, 0).unwrap(), b"");
        assert_eq!(whole.part(3, 3), None);
        assert_eq!(whole.part(1, usize::MAX), None);
    }
}

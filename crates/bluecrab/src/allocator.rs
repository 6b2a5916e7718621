//! Keeps freed small blocks, and hands them out again.
//!
//! JSON values, texts and maps are many small blocks, which are freed within the call. The allocator of
//! `wasm32-wasip1`, dlmalloc, reads the size of a freed block from memory, and joins the block with its free
//! neighbours. Rust knows the size when it frees a block, so the next block of this size can be the same one.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// The sizes of dlmalloc's blocks differ by this much.
const STEP: usize = 16;

/// The part of a block that dlmalloc needs for itself.
const HEADER: usize = 4;

/// Blocks of this many sizes are kept.
const SIZES: usize = 32;
const LARGEST: usize = SIZES * STEP - HEADER;

/// How many bytes are kept at most. All other freed memory goes back to dlmalloc.
const MOST_KEPT: usize = 1 << 20;

/// The allocator of the system, behind lists of free blocks. A free block contains the pointer to the next of its list.
pub struct Allocator {
    lists: [Cell<*mut u8>; SIZES],
    /// How many more bytes may be kept.
    room: Cell<usize>,
}

impl Allocator {
    pub const fn new() -> Self {
        Self { lists: [const { Cell::new(ptr::null_mut()) }; SIZES], room: Cell::new(MOST_KEPT) }
    }

    /// Allocates from the system. If it has no memory left, returns all kept blocks to it and tries again.
    ///
    /// # Safety
    /// As for [`GlobalAlloc::alloc`].
    #[cold]
    #[inline(never)]
    unsafe fn alloc_from_system(&self, layout: Layout) -> *mut u8 {
        let whole = list_of(layout).map_or(layout, layout_of);
        // SAFETY: the caller promises what `alloc` requires.
        let block = unsafe { System.alloc(whole) };
        if block.is_null() {
            self.return_all();
            // SAFETY: the same.
            return unsafe { System.alloc(whole) };
        }
        block
    }

    fn return_all(&self) {
        for (list, first) in self.lists.iter().enumerate() {
            let mut block = first.replace(ptr::null_mut());
            while !block.is_null() {
                // SAFETY: a block in a list is free, came from the system with the layout of its list, and contains
                // the pointer to the next.
                unsafe {
                    let next = block.cast::<*mut u8>().read();
                    System.dealloc(block, layout_of(list));
                    block = next;
                }
            }
        }
        self.room.set(MOST_KEPT);
    }

    /// Returns a block to the system.
    ///
    /// # Safety
    /// As for [`GlobalAlloc::dealloc`].
    #[cold]
    #[inline(never)]
    unsafe fn dealloc_to_system(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from the system with this layout.
        unsafe { System.dealloc(block, list_of(layout).map_or(layout, layout_of)) };
    }
}

/// Returns the list for blocks with this layout, or `None` if such blocks are not kept.
#[inline(always)]
const fn list_of(layout: Layout) -> Option<usize> {
    if layout.size() <= LARGEST && layout.align() <= 8 { Some((layout.size() + HEADER - 1) / STEP) } else { None }
}

/// The layout of all blocks of a list: the most that dlmalloc can put into a block of this size.
#[inline(always)]
const fn layout_of(list: usize) -> Layout {
    match Layout::from_size_align((list + 1) * STEP - HEADER, 8) {
        Ok(layout) => layout,
        Err(_) => unreachable!(),
    }
}

// SAFETY: a block comes from the system with the layout of its list, which is at least as large and as aligned as
// asked for. It is in a list only while it is free. Large blocks come from the system and return to it.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(list) = list_of(layout) {
            let block = self.lists[list].get();
            if !block.is_null() {
                // SAFETY: a block in a list contains the pointer to the next.
                self.lists[list].set(unsafe { block.cast::<*mut u8>().read() });
                self.room.set(self.room.get() + (list + 1) * STEP);
                return block;
            }
        }
        // SAFETY: the caller promises what `alloc` requires.
        unsafe { self.alloc_from_system(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if list_of(layout).is_none() {
            // SAFETY: the caller promises what `alloc_zeroed` requires. New memory of the system needs no zeroing.
            let block = unsafe { System.alloc_zeroed(layout) };
            if !block.is_null() {
                return block;
            }
        }
        // SAFETY: the caller promises what `alloc` requires.
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            // SAFETY: the block has at least this size.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(list) = list_of(layout)
            && let Some(room) = self.room.get().checked_sub((list + 1) * STEP)
        {
            self.room.set(room);
            // SAFETY: the block is free, and has room for a pointer and its alignment.
            unsafe { block.cast::<*mut u8>().write(self.lists[list].get()) };
            self.lists[list].set(block);
            return;
        }
        // SAFETY: the caller promises what `dealloc` requires.
        unsafe { self.dealloc_to_system(block, layout) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises a valid size for this alignment.
        let new = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        match (list_of(layout), list_of(new)) {
            (Some(old), Some(new)) if old == new => return block,
            (None, None) => {
                // SAFETY: the block came from the system with this layout.
                let moved = unsafe { System.realloc(block, layout, new_size) };
                if !moved.is_null() {
                    return moved;
                }
            }
            _ => {}
        }
        // SAFETY: the new block does not overlap the old one, and both have the smaller size.
        unsafe {
            let moved = self.alloc(new);
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod module {
    use super::Allocator;

    #[global_allocator]
    static ALLOCATOR: Allocator = Allocator::new();

    // SAFETY: a module has no threads. The runtime library refuses shared memory.
    unsafe impl Sync for Allocator {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block and the layout with which it was allocated. All of its bytes are its `mark`.
    struct Block {
        start: *mut u8,
        layout: Layout,
        mark: u8,
    }

    impl Block {
        fn new(allocator: &Allocator, layout: Layout, mark: u8) -> Self {
            // SAFETY: the layout is not empty.
            let start = unsafe { allocator.alloc(layout) };
            assert!(!start.is_null());
            assert_eq!(start.align_offset(layout.align()), 0);
            // SAFETY: the block has this size.
            unsafe { start.write_bytes(mark, layout.size()) };
            Self { start, layout, mark }
        }

        fn resize(&mut self, allocator: &Allocator, size: usize) {
            // SAFETY: the block was allocated with this layout.
            self.start = unsafe { allocator.realloc(self.start, self.layout, size) };
            assert!(!self.start.is_null());
            self.check(size.min(self.layout.size()));
            self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
            // SAFETY: the block has this size.
            unsafe { self.start.write_bytes(self.mark, size) };
        }

        fn check(&self, length: usize) {
            // SAFETY: the block has at least this length, and all of it is written.
            let bytes = unsafe { std::slice::from_raw_parts(self.start, length) };
            assert!(bytes.iter().all(|byte| *byte == self.mark), "another block overlaps a block of {length} bytes");
        }

        fn free(self, allocator: &Allocator) {
            self.check(self.layout.size());
            // SAFETY: the block was allocated with this layout, and is not used again.
            unsafe { allocator.dealloc(self.start, self.layout) };
        }
    }

    fn bytes(size: usize) -> Layout {
        Layout::from_size_align(size, 1).unwrap()
    }

    fn kept(allocator: &Allocator) -> usize {
        MOST_KEPT - allocator.room.get()
    }

    #[test]
    fn no_two_blocks_overlap() {
        let allocator = Allocator::new();
        let mut blocks: Vec<Block> = Vec::new();
        let mut state = 1_u32;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(747_796_405).wrapping_add(1);
            (state >> 8) as usize % bound
        };
        for step in 0..20_000 {
            let size = 1 + if below(8) == 0 { below(5000) } else { below(LARGEST + 40) };
            match below(4) {
                0 if !blocks.is_empty() => blocks.swap_remove(below(blocks.len())).free(&allocator),
                1 if !blocks.is_empty() => {
                    let index = below(blocks.len());
                    blocks[index].resize(&allocator, size);
                }
                2 if blocks.len() > 100 => blocks.drain(..50).for_each(|block| block.free(&allocator)),
                _ => {
                    let layout = Layout::from_size_align(size, 1 << below(6)).unwrap();
                    blocks.push(Block::new(&allocator, layout, step as u8));
                }
            }
        }
        blocks.into_iter().for_each(|block| block.free(&allocator));
        assert!(kept(&allocator) > 0);
        allocator.return_all();
        assert_eq!(kept(&allocator), 0);
    }

    #[test]
    fn a_freed_block_is_used_again_for_any_size_of_its_list() {
        let allocator = Allocator::new();
        let first = Block::new(&allocator, bytes(13), 1);
        let start = first.start;
        first.free(&allocator);
        assert_eq!(kept(&allocator), 32);
        let mut second = Block::new(&allocator, bytes(28), 2);
        assert_eq!((second.start, kept(&allocator)), (start, 0));
        second.resize(&allocator, 20);
        assert_eq!(second.start, start);
        second.free(&allocator);
    }

    #[test]
    fn zeroed_blocks_are_zero() {
        let allocator = Allocator::new();
        for layout in [1, 28, LARGEST, LARGEST + 1, 100_000].map(bytes) {
            Block::new(&allocator, layout, 0xff).free(&allocator);
            // SAFETY: the layout is not empty.
            Block { start: unsafe { allocator.alloc_zeroed(layout) }, layout, mark: 0 }.free(&allocator);
        }
    }

    #[test]
    fn at_most_a_mebibyte_is_kept() {
        let allocator = Allocator::new();
        let blocks: Vec<_> = (0..3000).map(|mark| Block::new(&allocator, bytes(LARGEST), mark as u8)).collect();
        blocks.into_iter().for_each(|block| block.free(&allocator));
        assert_eq!(kept(&allocator), MOST_KEPT);
    }
}

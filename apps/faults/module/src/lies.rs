//! Functions that break the ABI. They do not use the crate: the body of the request decides what they return.

macro_rules! declare {
    ($line:literal) => {
        const _: () = {
            const LINE: &str = concat!($line, "\n");
            #[unsafe(link_section = "bluecrab.functions.v1")]
            #[used]
            static MANIFEST: [u8; LINE.len()] = *LINE.as_bytes().first_chunk().expect("its own length");
        };
    };
}

declare!(r#"{"name":"lie-pointer","export":"lie_pointer","trigger":{"type":"httpTrigger","methods":["POST"]}}"#);
declare!(r#"{"name":"lie-record","export":"lie_record","trigger":{"type":"httpTrigger","methods":["POST"]}}"#);
declare!(r#"{"name":"lie-head","export":"lie_head","trigger":{"type":"httpTrigger","methods":["POST"]}}"#);

/// Returns the body as the pointer to a response record.
#[unsafe(no_mangle)]
extern "C" fn lie_pointer(_head: u32, _head_length: u32, body: *const u32, _length: u32) -> u32 {
    // SAFETY: the library writes the body to a buffer of the crate, which is aligned to 16, and the test sends 4 bytes.
    unsafe { body.read() }
}

/// Returns the body as the response record.
#[unsafe(no_mangle)]
extern "C" fn lie_record(_head: u32, _head_length: u32, body: *const u32, _length: u32) -> *const u32 {
    body
}

/// Returns the body as the response head.
#[unsafe(no_mangle)]
extern "C" fn lie_head(_head: u32, _head_length: u32, body: *const u8, length: u32) -> *const u32 {
    static mut RECORD: [u32; 5] = [0; 5];
    // SAFETY: a module has only one thread, and no other function uses the record.
    unsafe {
        RECORD = [200, body as u32, length, 0, 0];
        (&raw const RECORD).cast()
    }
}

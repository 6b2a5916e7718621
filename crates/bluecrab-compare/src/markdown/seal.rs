//! A checksum at the end of a page, by which a test notices that somebody typed into it.

const START: &str = "\n<!-- written by `cargo xtask bench`, checksum ";
const END: &str = " -->\n";

/// The page with its checksum.
pub fn sealed(page: &str) -> String {
    format!("{page}{START}{:016x}{END}", checksum(page))
}

/// Whether a page is as [`page`](super::page) wrote it.
pub fn is_as_written(page: &str) -> bool {
    page.rsplit_once(START).is_some_and(|(text, _)| sealed(text) == page)
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn checksum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_page_shows() {
        assert_eq!(checksum("foobar"), 0x8594_4171_f739_67e8);
        let page = sealed("| 1.00 |\n");
        assert!(is_as_written(&page));
        assert!(!is_as_written(&page.replace("1.00", "1.01")));
        assert!(!is_as_written(&format!("{page}more\n")));
        assert!(!is_as_written("| 1.00 |\n"));
    }
}

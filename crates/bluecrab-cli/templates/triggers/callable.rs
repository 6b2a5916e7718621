//! The functions of {{name}}.

use bluecrab::{Bytes, callable};

/// JavaScript calls it: `(await callable('{{module}}', 'checksum')(bytes)).text()`.
#[callable]
fn checksum(body: Bytes) -> String {
    format!("{:08x}", body.iter().fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn the_checksum_of_four_bytes() {
        assert_eq!(call(checksum, Request::message("crab")).text().unwrap(), "00304442");
    }
}

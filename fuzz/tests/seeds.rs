//! Every seed passes its check. An input that has once failed is a seed, so that it never fails again.

use std::path::Path;

#[test]
fn every_seed_passes() {
    for (name, check) in bluecrab_fuzz::CHECKS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        for file in files {
            // The name stands in the output where it fails.
            println!("{}", file.display());
            check(&std::fs::read(file).unwrap());
        }
    }
}

//! Every seed passes its check. An input that has failed once becomes a seed, so that it cannot fail again unnoticed.

use std::path::Path;

#[test]
fn every_seed_passes() {
    for (name, check) in bluecrab_fuzz::CHECKS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        for file in files {
            // The output names the seed that fails.
            println!("{}", file.display());
            check(&std::fs::read(file).unwrap());
        }
    }
}

//! A misused attribute or type is a compile error at the place of the mistake that says what to do.

#[test]
fn mistakes_in_the_attribute_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/attribute/*.rs");
}

/// The compiler writes a large part of these texts, so they are compared for one version of it only.
#[test]
fn wrong_types_are_explained() {
    let version = std::process::Command::new("rustc").arg("--version").output().unwrap().stdout;
    if String::from_utf8_lossy(&version).starts_with("rustc 1.95.") {
        trybuild::TestCases::new().compile_fail("tests/ui/types/*.rs");
    } else {
        eprintln!("skipped: the expected texts come from rustc 1.95");
    }
}

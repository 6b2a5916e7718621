module guest

go 1.24

require functions v0.0.0

// The package bluecrab, which follows the ABI, comes from the template for new apps.
replace functions => ../../crates/bluecrab-cli/templates/languages/go

module guest

go 1.24

require functions v0.0.0

// The ABI in one file is that of a new app.
replace functions => ../../crates/bluecrab-cli/templates/languages/go

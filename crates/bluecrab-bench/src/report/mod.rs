//! A report of results: one table model and three renderers, for the terminal, Markdown and HTML.

pub mod html;
pub mod markdown;
mod page_tables;
pub mod pages;
mod plots;
mod sections;
mod svg;
mod table;
pub mod terminal;

pub use sections::Report;

#[cfg(test)]
mod tests;

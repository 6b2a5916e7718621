//! Load, measure, compare, report.

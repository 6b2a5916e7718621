//! Which log entries of functions are printed.

use bluecrab_rpc::rpc_log::Level;

/// The minimum level of printed log entries, by category.
#[derive(Debug, Clone, Default)]
pub struct LogLevels {
    /// Categories in lower case, with their minimum levels.
    rules: Vec<(String, Level)>,
}

impl LogLevels {
    /// Makes levels from categories in lower case and their minimum levels.
    pub fn new(rules: Vec<(String, Level)>) -> Self {
        Self { rules }
    }

    /// Returns whether a log entry of a function is printed. The category of such an entry is `Function.NAME.User`. The
    /// longest rule that matches the category decides; otherwise the rule `default`, and otherwise the level
    /// Information.
    pub fn prints(&self, function: Option<&str>, entry: Level) -> bool {
        let category = function.map_or("function".to_owned(), |name| format!("function.{}.user", name.to_lowercase()));
        self.prints_category(&category, entry)
    }

    /// Returns whether the host prints its own entry about a function, whose category is `Function.NAME`.
    pub fn prints_about(&self, function: &str, entry: Level) -> bool {
        self.prints_category(&format!("function.{}", function.to_lowercase()), entry)
    }

    fn prints_category(&self, category: &str, entry: Level) -> bool {
        let fitting = self.rules.iter().filter(|(rule, _)| fits(rule, category));
        let rule = fitting.max_by_key(|(rule, _)| rule.len());
        let rule = rule.or_else(|| self.rules.iter().find(|(rule, _)| rule == "default"));
        let least = rule.map_or(Level::Information, |(_, level)| *level);
        least != Level::None && entry as i32 >= least as i32
    }
}

/// Returns whether a rule matches a category: `*`, which may occur once, matches any text.
fn fits(rule: &str, category: &str) -> bool {
    match rule.split_once('*') {
        None => category.starts_with(rule),
        Some((start, end)) => {
            category.len() >= start.len() + end.len() && category.starts_with(start) && category.ends_with(end)
        }
    }
}

/// Reads the name or the number of a level, in any case.
pub fn level_of(name: &str) -> Option<Level> {
    const LEVELS: [(&str, Level); 7] = [
        ("trace", Level::Trace),
        ("debug", Level::Debug),
        ("information", Level::Information),
        ("warning", Level::Warning),
        ("error", Level::Error),
        ("critical", Level::Critical),
        ("none", Level::None),
    ];
    let name = name.trim().to_lowercase();
    let by_number = || LEVELS.get(name.parse::<usize>().ok()?);
    LEVELS.iter().find(|(known, _)| *known == name).or_else(by_number).map(|(_, level)| *level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rule_that_fits_decides() {
        let rules =
            [("default", "Error"), ("function", "warning"), ("function.noisy", "None"), ("function.*.user", "1")];
        let rules = rules.map(|(category, name)| (category.to_owned(), level_of(name).unwrap()));
        let levels = LogLevels::new(rules.to_vec());
        for (function, entry, printed) in [
            (Some("quiet"), Level::Debug, true),
            (Some("quiet"), Level::Trace, false),
            (None, Level::Information, false),
            (None, Level::Warning, true),
        ] {
            assert_eq!(levels.prints(function, entry), printed, "{function:?} {entry:?}");
        }
        let levels = LogLevels::new(rules[..3].to_vec());
        assert!(!levels.prints(Some("Noisy"), Level::Critical));
        assert!(levels.prints(Some("quiet"), Level::Warning) && !levels.prints(Some("quiet"), Level::Information));
        assert!(LogLevels::default().prints(Some("a"), Level::Information));
        assert!(!LogLevels::new(rules[..1].to_vec()).prints(Some("a"), Level::Warning));
    }
}

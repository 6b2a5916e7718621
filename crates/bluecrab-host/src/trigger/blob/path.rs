//! The path of a blob trigger: a container, and a pattern for the names of blobs (azure-sdk-for-net,
//! `BlobPathSource.cs` and `ParameterizedBlobPathSource.cs`).

use fancy_regex::Regex;

/// The path of a blob trigger.
#[derive(Debug)]
pub struct BlobPath {
    /// The name of the container.
    pub container: String,
    /// The names of the pattern's parameters, in their order.
    names: Vec<String>,
    /// Matches the whole name of a blob; each parameter is a group.
    pattern: Regex,
}

impl BlobPath {
    /// Parses `container/pattern` or `container`. The error says what is wrong.
    pub fn parse(path: &str) -> Result<Self, String> {
        let (container, pattern) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
        if container.is_empty() || container.contains(['{', '}']) {
            return Err(format!("its path is {path:?}: it must begin with a container without {{ }}"));
        }
        let (mut names, mut regex) = (Vec::new(), String::from("(?s)^"));
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '}']) {
            let (literal, after) = rest.split_at(at);
            regex.push_str(&fancy_regex::escape(literal));
            if let Some(brace) = ["{{", "}}"].into_iter().find(|brace| after.starts_with(brace)) {
                regex.push_str(&fancy_regex::escape(&brace[..1]));
                rest = &after[2..];
                continue;
            }
            let parameter = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (name, after) =
                parameter.ok_or_else(|| format!("its path {path:?} has a brace without its other half"))?;
            if names.iter().any(|known| known == name) || !is_name(name) {
                return Err(format!(
                    "its path {path:?} has the parameter {name:?}, which is not a name or stands there twice"
                ));
            }
            names.push(name.to_owned());
            regex.push_str("(.*)");
            rest = after;
        }
        // Without a pattern, every blob matches.
        if !pattern.is_empty() {
            regex.push_str(&fancy_regex::escape(rest));
            regex.push('$');
        }
        let pattern = Regex::new(&regex).map_err(|error| format!("its path {path:?} cannot be used: {error}"))?;
        Ok(Self { container: container.to_owned(), names, pattern })
    }

    /// Returns the values of the parameters if a blob's name matches.
    pub fn parameters(&self, blob: &str) -> Option<Vec<(String, String)>> {
        let found = self.pattern.captures(blob).ok()??;
        let value = |index: usize| found.get(index + 1).map(|group| group.as_str().to_owned()).unwrap_or_default();
        Some(self.names.iter().enumerate().map(|(index, name)| (name.clone(), value(index))).collect())
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(path: &str, blob: &str) -> Option<String> {
        let pairs = BlobPath::parse(path).unwrap().parameters(blob)?;
        Some(pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn matches_names_as_the_platform_does() {
        for (path, blob, expected) in [
            ("in", "a/b.png", Some("")),
            ("in/", "a/b.png", Some("")),
            ("in/{name}", "a/b.png", Some("name=a/b.png")),
            ("in/{name}.{ext}", "a/b.c.png", Some("name=a/b.c ext=png")),
            ("in/{name}.png", "a.PNG", None),
            ("in/a-{name}-{rest}", "a-1-2-3", Some("name=1-2 rest=3")),
            ("in/{{x}}{name}", "{x}y", Some("name=y")),
            ("in/{name}", "a\nb", Some("name=a\nb")),
            ("in/a+b(c).txt", "a+b(c).txt", Some("")),
            ("in/a.txt", "abtxt", None),
            ("in/a.txt", "a.txt.old", None),
        ] {
            assert_eq!(parameters(path, blob).as_deref(), expected, "{path} {blob}");
        }
    }

    #[test]
    fn reports_an_invalid_path() {
        for (path, part) in [
            ("", "container"),
            ("{c}/a", "container"),
            ("in/{a", "brace"),
            ("in/a}", "brace"),
            ("in/{a}{a}", "twice"),
            ("in/{}", "not a name"),
        ] {
            let said = BlobPath::parse(path).unwrap_err();
            assert!(said.contains(part), "{path}: {said}");
        }
    }
}

//! A kind of trigger, input or output: reads its options.

use crate::option::{self, Read};
use proc_macro2::Span;
use serde_json::{Map, Value, json};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, Result, Token};

/// A kind of binding.
pub struct Kind {
    /// Its name in Rust, such as `queue`.
    pub name: &'static str,
    /// Its type in the v4 model. `None` if the first value names it.
    pub r#type: Option<&'static str>,
    /// The option that is written first, without its name.
    pub first: Option<Opt>,
    pub options: &'static [Opt],
    /// The members that it must have: all of exactly one of these lists.
    pub needs: &'static [&'static [&'static str]],
    /// How it is written, for messages.
    pub example: &'static str,
}

/// An option: its name in Rust, the member of the v4 model, and how its value is read.
pub type Opt = (&'static str, &'static str, Read);

/// Reads an option that does not belong to the binding. Returns whether there is one with this name.
pub type Other<'a> = &'a mut dyn FnMut(&Ident, ParseStream<'_>) -> Result<bool>;

impl Kind {
    /// Reads all options of a binding: `"jobs", connection = "Storage"`. `others` names the options that `other` reads.
    pub fn parse(&self, input: ParseStream<'_>, others: &[&str], other: Other<'_>) -> Result<Map<String, Value>> {
        let mut members = Map::new();
        members.extend(self.r#type.map(|kind| ("type".to_owned(), json!(kind))));
        let mut seen: Vec<Ident> = Vec::new();
        if let Some((_, member, read)) = self.first.filter(|_| input.peek(syn::Lit)) {
            members.insert(member.to_owned(), read(input)?);
            comma(input)?;
        }
        while !input.is_empty() {
            let option = Ident::parse_any(input)?;
            if seen.contains(&option) {
                return Err(Error::new(option.span(), format!("`{option}` is given twice")));
            }
            input.parse::<Token![=]>()?;
            if !other(&option, input)? {
                let (member, read) = self.option(&option, others)?;
                members.insert(member, read(input)?);
            }
            seen.push(option);
            comma(input)?;
        }
        Ok(members)
    }

    fn option(&self, name: &Ident, others: &[&str]) -> Result<(String, Read)> {
        if let Some((_, member, read)) = self.options.iter().find(|(known, ..)| name == known) {
            return Ok(((*member).to_owned(), *read));
        }
        let first = self.first.filter(|(known, ..)| name == known);
        if let Some((first, ..)) = first {
            let message = format!("write the {first} first, without `{first} =`: `{}`", self.example);
            return Err(Error::new(name.span(), message));
        }
        if self.r#type.is_none() {
            return Ok((camel_case(&name.unraw().to_string()), option::any));
        }
        let known: Vec<&str> = self.options.iter().map(|(known, ..)| *known).chain(others.iter().copied()).collect();
        let message = if known.is_empty() {
            format!("unknown option `{name}`; `{}` has no options", self.name)
        } else {
            format!("unknown option `{name}`; the options are {}", known.join(", "))
        };
        Err(Error::new(name.span(), message))
    }

    /// Checks that all required members are there.
    pub fn check(&self, members: &Map<String, Value>, place: Span) -> Result<()> {
        let has = |member: &&&str| members.contains_key(**member);
        let is_complete = |list: &&&[&str]| list.iter().all(|member| has(&member));
        let complete: Vec<_> = self.needs.iter().filter(is_complete).collect();
        let started = self.needs.iter().filter(|list| list.iter().any(|member| has(&member))).count();
        if self.needs.is_empty() || (complete.len() == 1 && started == 1) {
            return Ok(());
        }
        Err(Error::new(place, format!("write the options as in `{}`", self.example)))
    }
}

fn comma(input: ParseStream<'_>) -> Result<()> {
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

/// A name of Rust as the v4 model writes it: `consumer_group` becomes `consumerGroup`. The platform allows no
/// underscore in the name of a binding.
pub fn camel_case(name: &str) -> String {
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        name + &initial.to_uppercase() + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_camel_case() {
        assert_eq!(camel_case("consumer_group"), "consumerGroup");
        assert_eq!(camel_case("done"), "done");
        assert_eq!(camel_case("_a_1b"), "a1b");
    }
}

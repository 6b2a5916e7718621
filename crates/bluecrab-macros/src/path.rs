//! Compares `Path` arguments with the parameters of a route or of a blob's path. If they do not fit, every request
//! would be rejected.

use syn::{Error, GenericArgument, PathArguments, PathSegment, Result, Type};

/// Checks every argument whose type is written as `Path<…>`. A macro sees only how a type is written, so another name
/// for `Path` is not checked. `member` is the name of the template: `route` or `path`.
pub fn check(member: &str, template: &str, name: &str, arguments: &[&Type]) -> Result<()> {
    // `{{` is an escaped brace in the regular expression of a route constraint.
    let parameters = template.replace("{{", "").matches('{').count();
    for argument in arguments {
        let Some(segment) = generic(argument, "Path") else { continue };
        if parameters == 0 {
            let advice = if member == "route" { format!(": add `route = \"{name}/{{…}}\"`") } else { String::new() };
            let message =
                format!("`Path` reads {member} parameters, but the {member} `{template}` has no parameters{advice}");
            return Err(Error::new_spanned(argument, message));
        }
        let expected = tuple_length(segment).unwrap_or(parameters);
        if expected != parameters && !template.contains('?') {
            let message =
                format!("this reads {expected} {member} parameters, but the {member} `{template}` has {parameters}");
            return Err(Error::new_spanned(argument, message));
        }
    }
    Ok(())
}

/// The last part of a type that is written with this name.
pub fn generic<'a>(argument: &'a Type, name: &str) -> Option<&'a PathSegment> {
    let Type::Path(path) = argument else { return None };
    path.path.segments.last().filter(|segment| segment.ident == name)
}

/// The type between the angle brackets.
pub fn parameter(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(generics) = &segment.arguments else { return None };
    match generics.args.first()? {
        GenericArgument::Type(parameter) => Some(parameter),
        _ => None,
    }
}

fn tuple_length(segment: &PathSegment) -> Option<usize> {
    match parameter(segment)? {
        Type::Tuple(tuple) => Some(tuple.elems.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(route: &str, argument: &str) -> bool {
        let argument: Type = syn::parse_str(argument).unwrap();
        check("route", route, "rows", &[&argument]).is_ok()
    }

    #[test]
    fn counts_parameters() {
        assert!(fits("rows/{id}", "Path<u32>"));
        assert!(fits("rows/{a}-{b}/{*rest}", "bluecrab::Path<(u32, u32, String)>"));
        assert!(fits(r"rows/{id:regex(^\d{{3}}$)}", "Path<(u32,)>"));
        assert!(fits("rows/{a}/{b?}", "Path<(u32,)>"));
        assert!(fits("rows/{a}/{b}", "Path<Place>"));
        assert!(fits("rows", "Option<Path<u32>>"));
        assert!(!fits("rows", "Path<u32>"));
        assert!(!fits("rows/{a}", "Path<(u32, u32)>"));
    }
}

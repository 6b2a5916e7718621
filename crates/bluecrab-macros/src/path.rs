//! Compares `Path` arguments with the route. If they do not fit, every request would be rejected.

use syn::{Error, GenericArgument, PathArguments, PathSegment, Result, Type};

/// Checks every argument whose type is written as `Path<…>`. A macro sees only how a type is written, so another name
/// for `Path` is not checked.
pub fn check(route: Option<&str>, name: &str, arguments: &[&Type]) -> Result<()> {
    let route = route.unwrap_or(name);
    // `{{` is an escaped brace in the regular expression of a route constraint.
    let parameters = route.replace("{{", "").matches('{').count();
    for argument in arguments {
        let Some(segment) = path_segment(argument) else { continue };
        if parameters == 0 {
            let message = format!(
                "`Path` reads route parameters, but the route `{route}` has no parameters: add `route = \
                 \"{name}/{{…}}\"`"
            );
            return Err(Error::new_spanned(argument, message));
        }
        let expected = tuple_length(segment).unwrap_or(parameters);
        if expected != parameters && !route.contains('?') {
            let message = format!("this reads {expected} route parameters, but the route `{route}` has {parameters}");
            return Err(Error::new_spanned(argument, message));
        }
    }
    Ok(())
}

fn path_segment(argument: &Type) -> Option<&PathSegment> {
    let Type::Path(path) = argument else { return None };
    path.path.segments.last().filter(|segment| segment.ident == "Path")
}

fn tuple_length(segment: &PathSegment) -> Option<usize> {
    let PathArguments::AngleBracketed(generics) = &segment.arguments else { return None };
    match generics.args.first()? {
        GenericArgument::Type(Type::Tuple(tuple)) => Some(tuple.elems.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(route: &str, argument: &str) -> bool {
        let argument: Type = syn::parse_str(argument).unwrap();
        check(Some(route), "rows", &[&argument]).is_ok()
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

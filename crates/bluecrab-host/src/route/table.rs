//! The routes of an app, in the order in which the platform tries them.
//!
//! The platform sorts routes by the functions' names, and the first route that matches wins (azure-functions-host,
//! `FunctionMetadataManager.LoadFunctionMetadata` and `WebScriptHostHttpRoutesManager`). ASP.NET Core's precedence,
//! which prefers a literal to a parameter, does not apply.

use super::path::normalize;
use super::template::{Template, TemplateError};
use super::text::{equal, strip_prefix};
use hyper::Method;
use std::sync::Arc;

/// Prefixes that the platform reserves (azure-functions-host, `ScriptHost.ValidateHttpFunction`).
const RESERVED: [&str; 2] = ["admin", "runtime"];

/// Finds the function for a request.
#[derive(Debug, Default, Clone)]
pub struct RouteTable {
    routes: Vec<Route>,
}

#[derive(Debug, Clone)]
struct Route {
    /// The route as the function declares it, without the prefix.
    text: String,
    template: Template,
    methods: Vec<Method>,
    function: usize,
    name: Arc<str>,
}

/// The result of a lookup.
#[derive(Debug, PartialEq)]
pub enum RouteMatch {
    /// The index of the function, and the route parameters. An optional one may have no value.
    Function(usize, Vec<(String, Option<String>)>),
    /// Routes match the path, but only for these methods.
    OtherMethods(Vec<Method>),
    /// No route matches the path.
    Nothing,
}

/// The reason why a function's route is not served. The platform does not serve it either.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// The route template is invalid.
    #[error("{0}; on the platform, the whole app would not start")]
    Template(#[from] TemplateError),
    /// The platform reserves the route.
    #[error("the route `{route}` begins with `{prefix}`, which the platform reserves: give the function another route")]
    Reserved {
        /// The route that the platform reserves.
        route: String,
        /// The reserved prefix with which the route begins.
        prefix: &'static str,
    },
    /// Another function has the same route.
    #[error(
        "the function {other} has the same route `{route}` and method ({methods}), and the platform serves only the function \
         whose name sorts first: change the route or the methods of either function"
    )]
    Conflict {
        /// The route that both functions have.
        route: String,
        /// The methods that both functions have.
        methods: String,
        /// The function that already has the route.
        other: Arc<str>,
    },
}

impl RouteTable {
    /// Adds a function's route at the end. Functions must be added in the order of their names.
    ///
    /// # Errors
    /// Returns an error if the template is invalid, if the platform reserves the route, or if another function has it.
    pub fn add(
        &mut self,
        prefix: &str,
        (function, name): (usize, &Arc<str>),
        route: &str,
        methods: &[Method],
    ) -> Result<(), RouteError> {
        let text = route.trim_matches('/').to_owned();
        if let Some(prefix) = RESERVED.into_iter().find(|reserved| strip_prefix(&text, reserved).is_some()) {
            return Err(RouteError::Reserved { route: text, prefix });
        }
        for other in self.routes.iter().filter(|other| equal(&other.text, &text)) {
            let shared = shared(&other.methods, methods);
            if !shared.is_empty() {
                return Err(RouteError::Conflict {
                    route: text,
                    methods: list(&shared),
                    other: Arc::clone(&other.name),
                });
            }
        }
        let template =
            Template::parse(&if prefix.is_empty() { route.to_owned() } else { format!("{prefix}/{route}") })?;
        self.routes.push(Route { text, template, methods: methods.to_vec(), function, name: Arc::clone(name) });
        Ok(())
    }

    /// Finds the function for a request.
    pub fn find(&self, method: &Method, path: &str) -> RouteMatch {
        let Ok(path) = normalize(path) else { return RouteMatch::Nothing };
        let mut others = Vec::new();
        for route in &self.routes {
            let Some(values) = route.template.matches(&path) else { continue };
            if route.methods.contains(method) {
                return RouteMatch::Function(route.function, route.template.parameters(values));
            }
            let more = route.methods.iter().filter(|method| !others.contains(*method)).cloned();
            others.extend(more.collect::<Vec<_>>());
        }
        if others.is_empty() { RouteMatch::Nothing } else { RouteMatch::OtherMethods(others) }
    }

    /// Returns a warning for each function that takes requests away from a later function whose route also matches
    /// them.
    pub fn warnings(&self) -> Vec<String> {
        let takes = |early: &Route, late: &Route| {
            let path = late.template.example().filter(|path| early.template.matches(path).is_some())?;
            let method = shared(&early.methods, &late.methods).into_iter().next()?;
            Some(format!("{method} {path} before {} (route `{}`)", late.name, late.text))
        };
        let mut sentences = Vec::new();
        for (index, early) in self.routes.iter().enumerate() {
            let taken: Vec<String> = self.routes[index + 1..].iter().filter_map(|late| takes(early, late)).collect();
            if !taken.is_empty() {
                sentences.push(format!(
                    "the function {} (route `{}`) takes {}: as on the platform, routes are tried in the order of the \
                     functions' names, and the first that matches wins; give {} a later name or a narrower route",
                    early.name,
                    early.text,
                    taken.join(", "),
                    early.name,
                ));
            }
        }
        sentences
    }
}

fn shared(methods: &[Method], others: &[Method]) -> Vec<Method> {
    methods.iter().filter(|method| others.contains(method)).cloned().collect()
}

fn list(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a table from names and routes. A method may follow a route after a space; the default is GET.
    fn table(functions: &[(&str, &str)]) -> (RouteTable, Vec<RouteError>) {
        let (mut table, mut errors) = (RouteTable::default(), Vec::new());
        for (index, (name, route)) in functions.iter().enumerate() {
            let (route, method) = route.split_once(' ').unwrap_or((route, "GET"));
            let methods: Vec<Method> = method.split(',').map(|method| method.parse().unwrap()).collect();
            errors.extend(table.add("api", (index, &(*name).into()), route, &methods).err());
        }
        (table, errors)
    }

    fn found(table: &RouteTable, path: &str) -> Option<usize> {
        match table.find(&Method::GET, path) {
            RouteMatch::Function(function, _) => Some(function),
            _ => None,
        }
    }

    #[test]
    fn the_first_route_that_matches_wins() {
        let (table, errors) = table(&[("all", "{*rest}"), ("users", "users/{id}")]);
        assert_eq!((errors.len(), found(&table, "/api/users/7")), (0, Some(0)));
        let warnings = table.warnings();
        assert_eq!(warnings.len(), 1);
        let start = "the function all (route `{*rest}`) takes GET /api/users/x before users (route `users/{id}`): ";
        assert!(warnings[0].starts_with(start), "{}", warnings[0]);
    }

    #[test]
    fn a_route_that_no_earlier_route_hides_causes_no_warning() {
        for functions in [
            &[("a", "rows/all"), ("b", "rows/{id:int}"), ("c", "rows/{id}"), ("d", "{*rest}")][..],
            &[("a", "{*rest} POST"), ("b", "rows/{id}")],
            &[("a", "files/{name}.{extension}"), ("b", "files/{name}")],
        ] {
            assert_eq!(table(functions).0.warnings(), Vec::<String>::new(), "{functions:?}");
        }
        for functions in [
            &[("a", "rows/{id}"), ("b", "rows/{name}")][..],
            &[("a", "{x}/{y}"), ("b", "rows/{id}")],
            &[("a", "rows/{id?}"), ("b", "rows/all")],
            &[("a", "{id:int} GET,POST"), ("b", "{id:range(1,9)} POST")],
        ] {
            assert_eq!(table(functions).0.warnings().len(), 1, "{functions:?}");
        }
    }

    #[test]
    fn two_functions_may_share_a_route_with_different_methods() {
        let (table, errors) = table(&[("a", "rows"), ("b", "Rows POST,PUT"), ("c", "rows/ PUT,DELETE")]);
        assert_eq!(found(&table, "/API/rows/"), Some(0));
        let [RouteError::Conflict { methods, other, .. }] = errors.as_slice() else { panic!("{errors:?}") };
        assert_eq!((methods.as_str(), &**other), ("PUT", "b"));
        let RouteMatch::OtherMethods(methods) = table.find(&Method::PATCH, "/api/rows") else { panic!() };
        assert_eq!(methods, [Method::GET, Method::POST, Method::PUT]);
        assert_eq!(table.find(&Method::GET, "/api/none"), RouteMatch::Nothing);
    }

    #[test]
    fn methods_of_equal_routes_are_listed_once() {
        let (table, _) = table(&[("a", "rows GET,POST"), ("b", "rows/{id?} GET")]);
        assert_eq!(table.find(&Method::PUT, "/api/rows"), RouteMatch::OtherMethods(vec![Method::GET, Method::POST]));
    }

    #[test]
    fn reserved_routes_are_refused() {
        for route in ["admin", "/Admin/users", "administrators", "runtime/webhooks"] {
            let (_, errors) = table(&[("a", route)]);
            assert!(matches!(errors.as_slice(), [RouteError::Reserved { .. }]), "{route}: {errors:?}");
        }
        assert_eq!(table(&[("a", "users/admin")]).1, []);
    }

    #[test]
    fn a_slash_at_the_start_of_a_route_is_an_empty_segment() {
        let (_, errors) = table(&[("a", "/rows")]);
        assert!(matches!(errors.as_slice(), [RouteError::Template(_)]), "{errors:?}");
    }
}

//! All routes of an app, in the order in which they are tried.

use super::template::{Template, TemplateError};
use hyper::Method;

/// Which function answers which route.
#[derive(Debug, Default, Clone)]
pub struct RouteTable {
    routes: Vec<Route>,
}

#[derive(Debug, Clone)]
struct Route {
    template: Template,
    methods: Vec<Method>,
    function: usize,
}

/// What the table says of a request.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// A function and the values of the route's parameters.
    Function(usize, Vec<(String, String)>),
    /// The path is known, with these methods only.
    OtherMethods(Vec<Method>),
    /// No route has this path.
    Nothing,
}

impl RouteTable {
    /// Adds a function's route.
    ///
    /// # Errors
    /// Where the template cannot be read.
    pub fn add(&mut self, template: &str, methods: Vec<Method>, function: usize) -> Result<(), TemplateError> {
        let route = Route { template: Template::parse(template)?, methods, function };
        let index = self.routes.partition_point(|other| other.template.precedence(&route.template).is_le());
        self.routes.insert(index, route);
        Ok(())
    }

    /// Finds the function for a request.
    pub fn find(&self, method: &Method, path: &str) -> Found {
        let mut others = Vec::new();
        for route in &self.routes {
            let Some(parameters) = route.template.matches(path) else { continue };
            if route.methods.contains(method) {
                return Found::Function(route.function, parameters);
            }
            others.extend(route.methods.iter().cloned());
        }
        if others.is_empty() { Found::Nothing } else { Found::OtherMethods(others) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_the_more_specific_route_first() {
        let mut table = RouteTable::default();
        for (index, template) in ["{*rest}", "rows/{id}", "rows/{id:int}", "rows/all"].iter().enumerate() {
            table.add(template, vec![Method::GET], index).unwrap();
        }
        for (path, expected) in [("rows/all", 3), ("rows/7", 2), ("rows/x", 1), ("other/x", 0)] {
            assert!(matches!(table.find(&Method::GET, path), Found::Function(function, _) if function == expected));
        }
        assert_eq!(table.find(&Method::POST, "rows/all").methods(), 3);
    }

    #[test]
    fn the_same_path_may_be_two_functions_by_method() {
        let mut table = RouteTable::default();
        table.add("rows", vec![Method::GET], 0).unwrap();
        table.add("rows", vec![Method::POST], 1).unwrap();
        assert_eq!(table.find(&Method::POST, "rows"), Found::Function(1, vec![]));
        assert_eq!(table.find(&Method::PUT, "nowhere"), Found::Nothing);
    }

    impl Found {
        fn methods(&self) -> usize {
            if let Self::OtherMethods(methods) = self { methods.len() } else { 0 }
        }
    }
}

//! Describes a type if it has schemas. The macro cannot know that, so the compiler chooses between two traits.

use super::{DescribeArgument, DescribeResponse, Description, JSON};
use std::any::type_name;
use std::marker::PhantomData;

/// Describes a type if it has schemas: `(&Probe::<T>::new()).argument(…)` is the method of the first trait that `T`
/// fits, because the compiler tries a method without another reference first.
pub struct Probe<T>(PhantomData<T>);

impl<T> Probe<T> {
    /// Makes a probe for a type.
    #[allow(clippy::new_without_default, reason = "only the macros call it")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// For arguments with schemas.
pub trait KnownArgument {
    /// Adds the argument to a description.
    fn argument(&self, description: &mut Description);
}

/// For all other arguments.
pub trait UnknownArgument {
    /// Adds what can be said of any argument to a description.
    fn argument(&self, description: &mut Description);
}

/// For return types with schemas.
pub trait KnownResponse {
    /// Adds the return type to a description.
    fn response(&self, description: &mut Description);
}

/// For all other return types.
pub trait UnknownResponse {
    /// Adds what can be said of any return type to a description.
    fn response(&self, description: &mut Description);
}

impl<T: DescribeArgument> KnownArgument for Probe<T> {
    fn argument(&self, description: &mut Description) {
        T::describe(description);
    }
}

impl<T: DescribeResponse> KnownResponse for Probe<T> {
    fn response(&self, description: &mut Description) {
        T::describe(description);
    }
}

impl<T> UnknownArgument for &Probe<T> {
    fn argument(&self, description: &mut Description) {
        let name = type_name::<T>();
        let is = |extractor: &str| name.contains(&format!("bluecrab::{extractor}<"));
        if is("json::Json") {
            description.argument("body", JSON, true);
        } else if is("query::Query") {
            description.argument("query", "", true);
        } else if !is("path::Path") {
            return;
        }
        description.missing.push(name);
    }
}

impl<T> UnknownResponse for &Probe<T> {
    fn response(&self, description: &mut Description) {
        let name = type_name::<T>();
        if name.contains("bluecrab::json::Json<") {
            description.missing.push(name);
            description.returns("200", JSON, true);
        } else {
            description.opaque(name);
        }
    }
}

//! The attribute of tools for agents, and the derive macro for their arguments.

/// Declares a tool for agents, which call it by the Model Context Protocol.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Problem, Request, ToolArguments, mcp_tool};
/// use serde::Deserialize;
///
/// #[derive(Deserialize, ToolArguments)]
/// struct Division {
///     /// The number to divide.
///     dividend: f64,
///     /// The number to divide by.
///     divisor: f64,
///     /// How many decimal places the quotient has. Six if it is left out.
///     places: Option<usize>,
/// }
///
/// /// Divides two numbers.
/// #[mcp_tool]
/// fn divide(Json(division): Json<Division>) -> Result<String, Problem> {
///     if division.divisor == 0.0 {
///         return Err(Problem::bad_request("a number cannot be divided by zero"));
///     }
///     Ok(format!("{:.*}", division.places.unwrap_or(6), division.dividend / division.divisor))
/// }
///
/// let arguments = Request::message(r#"{"dividend": 1, "divisor": 3, "places": 2}"#);
/// assert_eq!(call(divide, arguments).text().unwrap(), "0.33");
/// ```
///
/// The agent reads the description of the tool and of each argument, so write them for it. The descriptions are the
/// documentation comments, and the types come from [`ToolArguments`](derive@crate::ToolArguments).
///
/// | option | meaning | default |
/// |---|---|---|
/// | `description = "…"` | what the tool does | the function's documentation comment |
/// | `tool = "…"` | the tool's name | the function's name |
///
/// It also has the [options of all triggers](macro@crate::timer#options-of-all-triggers).
pub use bluecrab_macros::mcp_tool;

/// Describes the fields of a struct to the clients of an MCP tool. [`#[mcp_tool]`](macro@crate::mcp_tool) has an
/// example.
///
/// The client learns the name, the type and the documentation comment of each field, and whether it can be left out: as
/// an `Option`, or with `#[serde(default)]`. `#[serde(rename = "…")]` and `#[serde(rename_all = "…")]` are respected. A
/// field's type is any [`ToolArgument`](trait@crate::ToolArgument).
pub use bluecrab_macros::ToolArguments;

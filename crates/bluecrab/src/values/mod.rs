//! Reads the texts of a query string or a route as the types of a function's arguments.

mod path;
mod query;
mod text;

pub use path::read as read_path;
pub use query::read as read_query;

type ValueError = serde::de::value::Error;

/// The methods of a deserializer that read one value. They forward to the text that `self.only()` returns.
macro_rules! of_the_only_text {
    () => {
        crate::values::of_the_only_text! {
            deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
            deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            name: &'static str,
            variants: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, ValueError> {
            self.only()?.deserialize_enum(name, variants, visitor)
        }
    };
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.only()?.$method(visitor)
        }
    )+};
}
use of_the_only_text;

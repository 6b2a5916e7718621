//! Texts of a query or a route, read as the types that a function asks for.

mod path;
mod query;
mod text;

pub use path::read as read_path;
pub use query::read as read_query;

type ValueError = serde::de::value::Error;

/// The methods of a deserializer that read one value: they are passed on to the text that `self.only()` gives.
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

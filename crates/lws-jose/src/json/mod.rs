//! Strict JSON (RFC 8259) for input that an attacker wrote.
//!
//! ```
//! use lws_jose::json::Value;
//!
//! let value = Value::parse(br#"{"iss":"joe","exp":1300819380}"#)?;
//! assert_eq!(value["iss"].as_str(), Some("joe"));
//! assert_eq!(value["exp"].as_u64(), Some(1300819380));
//! assert!(Value::parse(br#"{"a":1,"a":2}"#).is_err()); // which one did the signer mean?
//! # Ok::<(), lws_jose::json::JsonError>(())
//! ```
//! * A name that is twice in an object is refused (RFC 7515 §4 allows that or last-one-wins; the choice between readers
//!   is what attackers live on), and so is anything after the value.
//! * Strings borrow from the text where they have no escapes. Lone surrogates are refused: they are not text.
//! * Numbers stay as they were spelt, so that nothing is rounded by reading and writing.
//! * Size and depth are limited; an error knows its offset.

mod read;
#[cfg(test)]
mod tests;
mod write;

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::limits;

/// A JSON value; strings may borrow from the text that was parsed.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// As it was spelt, which RFC 8259 §6 allows.
    Number(Cow<'a, str>),
    /// Text.
    String(Cow<'a, str>),
    /// A list.
    Array(Vec<Value<'a>>),
    /// Names and values, in their order.
    Object(Object<'a>),
}

/// A JSON object, in its order, no name twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'a>(pub(crate) Vec<(Cow<'a, str>, Value<'a>)>);

/// How large and deep a text may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub(crate) bytes: usize,
    pub(crate) depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: limits::TOKEN_MAX, depth: limits::DEPTH_MAX }
    }
}

impl Limits {
    /// [`TOKEN_MAX`](limits::TOKEN_MAX) and [`DEPTH_MAX`](limits::DEPTH_MAX).
    #[must_use]
    pub fn new() -> Self {
        Limits::default()
    }

    /// Accepts texts and tokens up to so many bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Accepts so many levels of arrays and objects, up to [`DEPTH_ASKED_MAX`](limits::DEPTH_ASKED_MAX).
    #[must_use]
    pub fn depth(mut self, levels: usize) -> Self {
        self.depth = levels.min(limits::DEPTH_ASKED_MAX);
        self
    }
}

/// Where and why a text is not acceptable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonError {
    /// Where, in bytes from the start.
    pub offset: usize,
    /// What is wrong there.
    pub fault: JsonFault,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonFault {
    /// Longer than [`Limits`] allows.
    TooLong,
    /// Deeper than [`Limits`] allows.
    TooDeep,
    /// Not UTF-8.
    NotUtf8,
    /// The text ends inside a value.
    Truncated,
    /// A character that cannot be here.
    Unexpected,
    /// Something follows the value.
    Trailing,
    /// A name is twice in one object.
    Duplicate,
    /// An escape that does not exist, or half a surrogate pair.
    Escape,
    /// An object, where one was needed, is something else.
    NotAnObject,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            JsonFault::TooLong => "longer than allowed",
            JsonFault::TooDeep => "nested deeper than allowed",
            JsonFault::NotUtf8 => "not UTF-8",
            JsonFault::Truncated => "the text ends too early",
            JsonFault::Unexpected => "unexpected character",
            JsonFault::Trailing => "something follows the value",
            JsonFault::Duplicate => "this name is twice in the object",
            JsonFault::Escape => "bad escape in a string",
            JsonFault::NotAnObject => "an object is needed",
        };
        write!(f, "{what}, at byte {}", self.offset)
    }
}

impl core::error::Error for JsonError {}

impl<'a> Value<'a> {
    /// The value that `text` is, within the default [`Limits`].
    pub fn parse(text: &'a [u8]) -> Result<Self, JsonError> {
        Value::parse_within(text, Limits::default())
    }

    /// The same within other limits.
    pub fn parse_within(text: &'a [u8], limits: Limits) -> Result<Self, JsonError> {
        read::parse(text, limits)
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// A number without fraction or exponent that fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        if let Value::Number(text) = self { text.parse().ok() } else { None }
    }

    /// A number, rounded to what `f64` can hold; none if it is infinite there.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        let Value::Number(text) = self else { return None };
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// `true` or `false`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self { Some(*value) } else { None }
    }

    /// The elements of a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        if let Value::Array(elements) = self { Some(elements) } else { None }
    }

    /// The members of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(text) => Value::Number(Cow::Owned(text.into_owned())),
            Value::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Value::Array(elements) => Value::Array(elements.into_iter().map(Value::into_owned).collect()),
            Value::Object(object) => Value::Object(object.into_owned()),
        }
    }
}

impl<'a> Object<'a> {
    /// Without members.
    #[must_use]
    pub fn new() -> Self {
        Object::default()
    }

    /// The object that `text` is, within the default [`Limits`].
    pub fn parse(text: &'a [u8]) -> Result<Self, JsonError> {
        Object::parse_within(text, Limits::default())
    }

    /// The same within other limits.
    pub fn parse_within(text: &'a [u8], limits: Limits) -> Result<Self, JsonError> {
        match read::parse(text, limits)? {
            Value::Object(object) => Ok(object),
            _ => Err(JsonError { offset: 0, fault: JsonFault::NotAnObject }),
        }
    }

    /// The value of `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// With `name` set, at its place if it was there, else at the end.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets `name`, at its place if it was there, else at the end.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(member) => member.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// How many members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        let owned =
            |(name, value): (Cow<'a, str>, Value<'a>)| (Cow::Owned(name.into_owned()), value.into_owned());
        Object(self.0.into_iter().map(owned).collect())
    }
}

/// `value["name"]`: null if there is no such member.
impl<'a> core::ops::Index<&str> for Value<'a> {
    type Output = Value<'a>;

    fn index(&self, name: &str) -> &Value<'a> {
        self.as_object().and_then(|object| object.find(name)).unwrap_or(&Value::Null)
    }
}

/// The JSON text, without white space.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write::value(self, f)
    }
}

/// The JSON text, without white space.
impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write::object(self, f)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::String(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::String(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Number(Cow::Owned(number.to_string()))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Number(Cow::Owned(number.to_string()))
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::from(u64::from(number))
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Value::Object(object)
    }
}

impl<'a, T: Into<Value<'a>>> From<Vec<T>> for Value<'a> {
    fn from(elements: Vec<T>) -> Self {
        Value::Array(elements.into_iter().map(Into::into).collect())
    }
}

//! Which parts of a request a function reads.

/// Which parts of a request an extractor reads. The runtime sends a function only these.
///
/// An extractor that reads the method and one header field:
///
/// ```
/// use bluecrab::RequestFields;
///
/// const FIELDS: RequestFields = RequestFields::METHOD.union(RequestFields::header("x-api-version"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFields {
    members: u16,
    headers: Names,
    metadata: Names,
    /// The input bindings, each the entries of a JSON list.
    inputs: [&'static str; Self::MAX_INPUTS],
    is_batch: bool,
    /// Whether the function reads the whole request, whatever triggered it.
    is_whole: bool,
    /// Whether the function checks that a request that comes by HTTP is JSON.
    is_json: bool,
}

impl RequestFields {
    /// No parts: the head is empty.
    pub const NONE: Self = Self::members(0);
    /// The method.
    pub const METHOD: Self = Self::members(1);
    /// The URL.
    pub const URL: Self = Self::members(2);
    /// The parameters of the route, or of a blob's path.
    pub const PARAMS: Self = Self::members(4);
    /// The pairs of the query string.
    pub const QUERY: Self = Self::members(8);
    /// All header fields.
    pub const HEADERS: Self = Self::members(16);
    /// The id of the invocation.
    pub const INVOCATION_ID: Self = Self::members(32);
    /// The trace context.
    pub const TRACE: Self = Self::members(64);
    /// The attempts under a retry policy.
    pub const RETRY: Self = Self::members(128);
    /// All metadata of the trigger.
    pub const METADATA: Self = Self::members(256);
    /// The whole request.
    pub const ALL: Self = Self { is_whole: true, ..Self::NONE };
    /// What `Json` reads: the header field `content-type` if the request comes by HTTP.
    pub(crate) const JSON: Self = Self { is_json: true, ..Self::NONE };
    /// The items of a batch.
    pub const BATCH: Self = Self { is_batch: true, ..Self::NONE };

    /// The names of the members in the manifest, in the order of their bits.
    const NAMES: [&'static str; 9] =
        ["method", "url", "params", "query", "headers", "invocationId", "trace", "retry", "metadata"];
    /// The members that only HTTP has, and all of its members.
    const ONLY_HTTP: u16 = 1 | 2 | 8 | 16;
    const ALL_OF_HTTP: u16 = Self::ONLY_HTTP | 4;
    /// The members that only other triggers have, and all of their members.
    const ONLY_OTHERS: u16 = 128 | 256;
    const ALL_OF_OTHERS: u16 = Self::ONLY_OTHERS | 4 | 32 | 64;
    /// How many entries `head` can have in a line of the manifest.
    pub(crate) const MAX_ENTRIES: usize = Self::NAMES.len() + 2 * Names::MAX;
    /// How many arguments can read inputs.
    pub(crate) const MAX_INPUTS: usize = 4;

    const fn members(members: u16) -> Self {
        let inputs = [""; Self::MAX_INPUTS];
        Self {
            members,
            headers: Names::NONE,
            metadata: Names::NONE,
            inputs,
            is_batch: false,
            is_whole: false,
            is_json: false,
        }
    }

    /// One header field. The name must be in lower case.
    ///
    /// # Panics
    /// Panics if no header field can have this name. In a constant, this is a compile error.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        assert!(
            is_name(name, false),
            "the name of a header field must consist of lower case letters, digits, `-` and `_`"
        );
        let mut fields = Self::NONE;
        fields.headers = fields.headers.with(name);
        fields
    }

    /// One member of the trigger's metadata, such as `dequeueCount`.
    ///
    /// # Panics
    /// Panics if the name has other characters than letters, digits, `-` and `_`. In a constant, this is a compile
    /// error.
    #[must_use]
    pub const fn metadata(name: &'static str) -> Self {
        assert!(is_name(name, true), "the name of metadata must consist of letters, digits, `-` and `_`");
        let mut fields = Self::NONE;
        fields.metadata = fields.metadata.with(name);
        fields
    }

    /// Input bindings, as the entries of a JSON list. `#[derive(Inputs)]` writes them.
    #[doc(hidden)]
    #[must_use]
    pub const fn inputs(json: &'static str) -> Self {
        let mut fields = Self::NONE;
        fields.inputs[0] = json;
        fields
    }

    /// The parts that this or the other reads.
    ///
    /// # Panics
    /// Panics if more than four types with `#[derive(Inputs)]` come together. In a constant, this is a compile error.
    #[must_use]
    pub const fn union(mut self, other: Self) -> Self {
        self.members |= other.members;
        self.is_batch |= other.is_batch;
        self.is_whole |= other.is_whole;
        self.is_json |= other.is_json;
        self.headers = self.headers.union(other.headers);
        self.metadata = self.metadata.union(other.metadata);
        if self.headers.are_too_many || self.has(Self::HEADERS) {
            self.members |= Self::HEADERS.members;
            self.headers = Names::NONE;
        }
        if self.metadata.are_too_many || self.has(Self::METADATA) {
            self.members |= Self::METADATA.members;
            self.metadata = Names::NONE;
        }
        let mut index = 0;
        while index < Self::MAX_INPUTS && !other.inputs[index].is_empty() {
            self = self.with_inputs(other.inputs[index]);
            index += 1;
        }
        self
    }

    const fn with_inputs(mut self, json: &'static str) -> Self {
        let mut index = 0;
        while index < Self::MAX_INPUTS {
            if self.inputs[index].is_empty() {
                self.inputs[index] = json;
                return self;
            }
            index += 1;
        }
        panic!("at most four arguments can have `#[derive(Inputs)]`: combine their structs");
    }

    /// The parts that an HTTP request has.
    ///
    /// # Panics
    /// Panics if there are others.
    #[track_caller]
    pub(crate) const fn of_http(mut self) -> Self {
        if self.is_json {
            self = Self { is_json: false, ..self }.union(Self::header("content-type"));
        }
        if self.is_whole {
            self.members = self.members & !Self::ONLY_OTHERS | Self::ALL_OF_HTTP;
            self.headers = Names::NONE;
            self.metadata = Names::NONE;
        }
        assert!(
            self.members & Self::ONLY_OTHERS == 0 && self.metadata.count == 0,
            "this argument reads metadata or attempts, which an HTTP request does not have"
        );
        assert!(!self.is_batch, "an HTTP request is not a batch: write the type without `Batch`");
        self
    }

    /// The parts that another trigger than HTTP has.
    ///
    /// # Panics
    /// Panics if there are others.
    #[track_caller]
    pub(crate) const fn of_others(mut self) -> Self {
        if self.is_whole {
            self.members = self.members & !Self::ONLY_HTTP | Self::ALL_OF_OTHERS;
            self.headers = Names::NONE;
            self.metadata = Names::NONE;
        }
        self.is_json = false;
        assert!(
            self.members & Self::ONLY_HTTP == 0 && self.headers.count == 0,
            "this argument reads a part of an HTTP request, but another trigger calls this function"
        );
        self
    }

    /// Whether these include all members of `other`. Does not compare names.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.members & other.members == other.members
    }

    /// The names of single header fields.
    pub(crate) fn named(&self) -> &[&'static str] {
        self.headers.list()
    }

    /// The names of single members of the metadata.
    pub(crate) fn named_metadata(&self) -> &[&'static str] {
        self.metadata.list()
    }

    pub(crate) const fn is_batch(self) -> bool {
        self.is_batch
    }

    /// The input bindings with this index, as entries of a JSON list. Empty if there are no more.
    pub(crate) const fn input(&self, index: usize) -> &'static str {
        self.inputs[index]
    }

    /// Whether these include metadata of a trigger, or inputs.
    pub(crate) const fn has_bindings(&self) -> bool {
        let has_metadata = self.members & Self::METADATA.members != 0 || self.metadata.count > 0;
        has_metadata || !self.inputs[0].is_empty()
    }

    /// Whether a plain HTTP request has all of these parts.
    pub(crate) const fn are_plain(&self) -> bool {
        self.members & !Self::ALL_OF_HTTP == 0 && self.metadata.count == 0 && self.inputs[0].is_empty()
    }

    /// The entry of the manifest with this index, as a prefix and a name. `None` if the function does not read it.
    pub(crate) const fn entry(&self, index: usize) -> Option<[&'static str; 2]> {
        if index < Self::NAMES.len() {
            return if self.members >> index & 1 == 1 { Some(["", Self::NAMES[index]]) } else { None };
        }
        let index = index - Self::NAMES.len();
        if index < Names::MAX {
            return if index < self.headers.count { Some(["header:", self.headers.list[index]]) } else { None };
        }
        let index = index - Names::MAX;
        if index < self.metadata.count { Some(["metadata:", self.metadata.list[index]]) } else { None }
    }
}

/// Different names, of header fields or of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Names {
    list: [&'static str; Self::MAX],
    count: usize,
    are_too_many: bool,
}

impl Names {
    const NONE: Self = Self { list: [""; Self::MAX], count: 0, are_too_many: false };
    /// A function that reads more names than this receives all header fields, or all metadata.
    const MAX: usize = 16;

    const fn with(mut self, name: &'static str) -> Self {
        let mut index = 0;
        while index < self.count {
            if equal(self.list[index].as_bytes(), name.as_bytes()) {
                return self;
            }
            index += 1;
        }
        if index == Self::MAX {
            return Self { are_too_many: true, ..self };
        }
        self.list[index] = name;
        self.count += 1;
        self
    }

    const fn union(mut self, other: Self) -> Self {
        let mut index = 0;
        while index < other.count {
            self = self.with(other.list[index]);
            index += 1;
        }
        self
    }

    fn list(&self) -> &[&'static str] {
        &self.list[..self.count]
    }
}

const fn is_name(name: &str, with_capitals: bool) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let is_capital = with_capitals && bytes[index].is_ascii_uppercase();
        if !is_capital && !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') {
            return false;
        }
        index += 1;
    }
    index > 0
}

pub(crate) const fn equal(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_names_a_header_once() {
        const ACCEPT: RequestFields = RequestFields::header("accept");
        let fields = ACCEPT.union(RequestFields::header("range")).union(ACCEPT).union(RequestFields::QUERY);
        assert_eq!(fields.named(), ["accept", "range"]);
        assert!(fields.has(RequestFields::QUERY) && !fields.has(RequestFields::HEADERS));
    }

    #[test]
    fn all_headers_include_named_headers() {
        let fields =
            RequestFields::header("accept").union(RequestFields::HEADERS).union(RequestFields::header("range"));
        assert_eq!(fields, RequestFields::HEADERS);
    }

    #[test]
    fn many_named_headers_become_all_headers() {
        const NAMES: [&str; 17] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
        let union = |names: &[&'static str]| {
            names.iter().fold(RequestFields::URL, |fields, name| fields.union(RequestFields::header(name)))
        };
        assert_eq!(union(&NAMES[..16]).named(), &NAMES[..16]);
        assert_eq!(union(&NAMES), RequestFields::URL.union(RequestFields::HEADERS));
    }
}

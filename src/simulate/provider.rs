//! What external authorization providers said about one request, where they are really asked.

use crate::policy::Headers;
use crate::simulate::message::Message;

/// What a provider answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderAnswer {
    /// The request goes on, with other headers.
    Allows(HeaderEdits),
    /// It does not.
    Refuses {
        /// The status that the caller sees.
        status: u16,
        /// The body that the caller sees.
        body: String,
    },
    /// It cannot be reached, or its answer is none.
    Fails(String),
    /// It is not asked: the request has a larger body than it takes.
    TooLarge,
}

/// How headers are changed, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderEdits {
    /// Each with its name in lower case and a value.
    pub edits: Vec<(Edit, String, String)>,
    /// Names of headers that are taken away after that.
    pub remove: Vec<String>,
}

/// What happens to one header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// It takes the place of what is there.
    Set,
    /// It takes the place of what is there, if something is.
    SetIfThere,
    /// It is added to what is there.
    Add,
    /// It is added if nothing is there.
    AddIfAbsent,
    /// It becomes part of the value that is there, if one is.
    Join,
}

impl HeaderEdits {
    /// Changes a message.
    pub(super) fn apply(&self, message: &mut Message) {
        for (edit, name, value) in &self.edits {
            match name.as_str() {
                ":path" => message.path = Some(value.clone()),
                ":authority" | "host" => message.authority.clone_from(value),
                name if name.starts_with(':') => {}
                name => edit.apply(name, value, &mut message.headers),
            }
        }
        // Pseudo headers and the host stay.
        for name in self.remove.iter().filter(|name| !name.starts_with(':') && *name != "host") {
            message.headers.remove(name);
        }
    }
}

impl Edit {
    fn apply(self, name: &str, value: &str, headers: &mut Headers) {
        let there = headers.first(name).map(str::to_owned);
        match (self, there) {
            (Self::Set, _) | (Self::SetIfThere, Some(_)) => headers.set(name, value),
            (Self::Add, _) | (Self::AddIfAbsent, None) => headers.append(name, value),
            (Self::Join, Some(before)) => headers.set(name, format!("{before},{value}")),
            (Self::SetIfThere | Self::Join, None) | (Self::AddIfAbsent, Some(_)) => {}
        }
    }
}

/// Providers are asked, one after the other; these have answered.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    /// Each with its answer.
    pub answers: Vec<(String, ProviderAnswer)>,
}

impl Asking {
    pub(super) fn answer(&self, provider: &str) -> Option<&ProviderAnswer> {
        self.answers.iter().find(|(name, _)| name == provider).map(|(_, answer)| answer)
    }
}

/// The status of gRPC that stands for one of HTTP (gRPC's mapping, HTTP to gRPC status codes).
pub(super) fn grpc_status(status: u16) -> u8 {
    match status {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502..=504 => 14,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_changed_in_order() {
        let mut message = Message { authority: "a".to_owned(), ..Message::default() };
        for (name, value) in [("x-one", "1"), ("x-one", "2"), ("x-gone", "g"), ("x-more", "m")] {
            message.headers.append(name, value);
        }
        let edits = [
            (Edit::Set, "x-one", "set"),
            (Edit::Set, ":path", "/new"),
            (Edit::Set, "host", "b"),
            (Edit::Set, ":method", "PUT"),
            (Edit::Add, "x-two", "added"),
            (Edit::AddIfAbsent, "x-two", "no"),
            (Edit::AddIfAbsent, "x-three", "3"),
            (Edit::SetIfThere, "x-four", "no"),
            (Edit::SetIfThere, "x-three", "III"),
            (Edit::Join, "x-more", "n"),
            (Edit::Join, "x-absent", "no"),
        ];
        let edits = edits.map(|(edit, name, value)| (edit, name.to_owned(), value.to_owned())).to_vec();
        HeaderEdits { edits, remove: ["x-gone", "host", ":path"].map(str::to_owned).to_vec() }.apply(&mut message);
        let headers: Vec<_> = message.headers.iter().collect();
        assert_eq!(headers, [("x-one", "set"), ("x-more", "m,n"), ("x-two", "added"), ("x-three", "III")]);
        assert_eq!((message.path.as_deref(), message.authority.as_str(), message.method.as_str()), (Some("/new"), "b", ""));
    }
}

//! What external authorization providers said about one request, where they are really asked.

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

/// How a request is changed on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderEdits {
    /// Take the place of what is there.
    pub set: Vec<(String, String)>,
    /// Are added to what is there.
    pub add: Vec<(String, String)>,
    /// Are added only where there is one of that name.
    pub append: Vec<(String, String)>,
    /// Are taken away.
    pub remove: Vec<String>,
}

impl HeaderEdits {
    /// Changes a message. Names are in lower case.
    pub(super) fn apply(&self, message: &mut Message) {
        let Self { set, add, append, remove } = self;
        for (name, value) in set {
            match name.as_str() {
                ":path" => message.path = Some(value.clone()),
                ":authority" | "host" => message.authority.clone_from(value),
                name if name.starts_with(':') => {}
                name => message.headers.set(name, value),
            }
        }
        add.iter().filter(|(name, _)| !name.starts_with(':')).for_each(|(name, value)| message.headers.append(name, value));
        for (name, value) in append {
            if message.headers.first(name).is_some() {
                message.headers.append(name, value);
            }
        }
        // Pseudo headers and the host stay.
        for name in remove.iter().filter(|name| !name.starts_with(':') && *name != "host") {
            message.headers.remove(name);
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
    fn headers_are_set_added_and_taken_away() {
        let pairs = |list: &[(&str, &str)]| list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut message = Message { authority: "a".to_owned(), ..Message::default() };
        for (name, value) in [("x-one", "1"), ("x-one", "2"), ("x-gone", "g"), ("x-more", "m")] {
            message.headers.append(name, value);
        }
        let edits = HeaderEdits {
            set: pairs(&[("x-one", "set"), (":path", "/new"), ("host", "b"), (":method", "PUT")]),
            add: pairs(&[("x-two", "added")]),
            append: pairs(&[("x-more", "n"), ("x-absent", "no")]),
            remove: vec!["x-gone".to_owned(), "host".to_owned(), ":path".to_owned()],
        };
        edits.apply(&mut message);
        let headers: Vec<_> = message.headers.iter().collect();
        assert_eq!(headers, [("x-one", "set"), ("x-more", "m"), ("x-two", "added"), ("x-more", "n")]);
        assert_eq!((message.path.as_deref(), message.authority.as_str(), message.method.as_str()), (Some("/new"), "b", ""));
    }
}

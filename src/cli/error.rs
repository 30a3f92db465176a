//! What stops a command, and the exit code it ends with.

use std::borrow::Cow;
use std::io;

use thiserror::Error;

#[cfg(feature = "store")]
use crate::cli::store_error;
#[cfg(feature = "cluster")]
use crate::cluster;
use crate::jose::SigningError;
use crate::manifest::Manifests;
use crate::pki::PkiError;
#[cfg(feature = "store")]
use crate::store::StoreError;

/// How a command that did its job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Yes, clean, done.
    Yes,
    /// No.
    No,
    /// Part of the question was wrong; the rest was answered.
    Invalid,
    /// A fact needed for the answer is missing.
    Undetermined,
}

impl Outcome {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Invalid => 2,
            Self::Undetermined => 4,
        }
    }
}

/// Why a command could not do its job.
#[derive(Debug, Error)]
pub enum Error {
    /// The question was wrong; the message says where, the help what to do.
    #[error("{message}")]
    Question {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Manifests could not be used; their findings are printed.
    #[error("{errors} error(s) in the manifests: no answer is given while a document that could change it is unread")]
    Manifests {
        /// How many.
        errors: usize,
        /// The manifests with their findings.
        manifests: Box<Manifests>,
        /// The texts the findings point into.
        sources: Box<crate::diag::SourceMap>,
    },
    /// A file, directory or stream named by the user could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file named by the user could not be written.
    #[error("cannot write `{path}`")]
    WriteFile {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The answer could not be written.
    #[error("cannot write the answer")]
    Write(#[from] io::Error),
    /// A program that was asked for failed.
    #[error("`{program}` failed: {output}")]
    Program {
        /// Which.
        program: String,
        /// Its message.
        output: String,
    },
    /// The operating system does not tell this program when it is to end.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// An address cannot be listened on.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// Which.
        address: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The authority's home or ledger could not be used.
    #[cfg(feature = "store")]
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cluster did not answer, or said no.
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Cluster(Box<cluster::Error>),
    /// The cluster said no to one object.
    #[cfg(feature = "cluster")]
    #[error("{object}: {error}")]
    Object {
        /// Which.
        object: String,
        /// What it said.
        error: Box<cluster::Error>,
    },
    /// What was applied did not come into force in time.
    #[cfg(feature = "cluster")]
    #[error("{what} after {seconds} s")]
    NotInForce {
        /// Who lacks what.
        what: String,
        /// How long was waited.
        seconds: u64,
    },
    /// A key or certificate could not be read or made.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// A key was not made, or signed nothing.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// Something on the network that was asked for did not answer.
    #[error("cannot fetch `{url}`: {message}")]
    Fetch {
        /// What.
        url: String,
        /// Why not.
        message: String,
    },
}

#[cfg(feature = "cluster")]
impl From<cluster::Error> for Error {
    fn from(error: cluster::Error) -> Self {
        Self::Cluster(Box::new(error))
    }
}

impl Error {
    /// A wrong question, with what to do about it.
    pub fn question(message: impl Into<String>, help: impl Into<Option<String>>) -> Self {
        Self::Question { message: message.into(), help: help.into() }
    }

    /// The process's exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Question { .. } | Self::Manifests { .. } | Self::Read { .. } => 2,
            Self::Pki(PkiError::Random | PkiError::Generation(_) | PkiError::Signing(_)) => 3,
            Self::Pki(_) => 2,
            Self::Signing(SigningError::Algorithm { .. }) => 2,
            Self::Signing(_) => 3,
            Self::Program { .. }
            | Self::Write(_)
            | Self::WriteFile { .. }
            | Self::Signals(_)
            | Self::Listen { .. }
            | Self::Fetch { .. } => 3,
            #[cfg(feature = "store")]
            Self::Store(error) => store_error::code(error),
            #[cfg(feature = "cluster")]
            Self::NotInForce { .. } => 3,
            #[cfg(feature = "cluster")]
            Self::Cluster(error) | Self::Object { error, .. } => {
                if error.is_question() {
                    2
                } else {
                    3
                }
            }
        }
    }

    /// What to do, when there is more to say than the message does.
    #[must_use]
    pub fn help(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Question { help, .. } => help.as_deref().map(Cow::Borrowed),
            Self::Manifests { .. } => Some("correct the documents above, or leave their files out".into()),
            Self::Read { .. } | Self::WriteFile { .. } => Some("check the path and its permissions".into()),
            Self::Pki(PkiError::SignerExpired { .. }) => {
                Some("put another intermediate in its place: `meshsec ca intermediate --name NAME --replace`".into())
            }
            Self::Listen { .. } => Some("see whether something else listens there, or name another address".into()),
            Self::Program { .. } | Self::Write(_) | Self::Signals(_) | Self::Fetch { .. } | Self::Pki(_) | Self::Signing(_) => {
                None
            }
            #[cfg(feature = "store")]
            Self::Store(error) => store_error::help(error),
            #[cfg(feature = "cluster")]
            Self::NotInForce { .. } => Some("it is applied all the same; give it longer with `--timeout`".into()),
            #[cfg(feature = "cluster")]
            Self::Cluster(error) | Self::Object { error, .. } => error.help().map(Cow::Owned),
        }
    }

    /// The message with its causes and what to do, in one line.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(inner) = cause {
            line.push_str(": ");
            line.push_str(&inner.to_string());
            cause = inner.source();
        }
        if let Some(help) = self.help() {
            line.push_str("; ");
            line.push_str(&help);
        }
        line
    }

    /// Whether the reader of our output went away, which is no failure.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

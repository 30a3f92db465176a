mod given;
mod policies;

use clap::ArgGroup;
use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwt::token_input::read_token;
use crate::jose::Algorithm;
use crate::jose::Rules;
use crate::policy::Headers;
use crate::render;
use crate::render::Judge;
use crate::render::TokenVerdict;
use crate::render::VerdictWord;
use crate::simulate::message::Message;

/// Verify a token, and learn why it is refused
///
/// With `--jwks` or `--key` the token is verified as the standards want it (RFC 7515, 7519, 8725): nothing is forgiven unless a flag says
/// so. With `--request-auth` the answer is that of the proxy with these RequestAuthentications, its status and message included; `--strict`
/// judges by the standards there too. When the two differ, both are shown.
/// A refusal names one cause, the field, what was wanted and seen, and what to do.
/// Exit code 0: verified; 1: refused; 2: the question was wrong; 4: it depends on keys that were not given.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    group = ArgGroup::new("keys").args(["jwks", "key", "secret_file", "request_auth"]).multiple(true).required(true)
)]
pub(in crate::cli) struct VerifyArgs {
    /// The token, `@FILE`, or `-` for standard input; not needed when `-H` or `--path` holds it
    #[arg(value_name = "TOKEN", allow_hyphen_values = true)]
    token: Option<String>,
    /// Key set of the issuer; with `--request-auth` also `ISSUER=FILE` or `unreachable`, repeatable
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    jwks: Vec<String>,
    /// Public key: PEM, certificate or JWK; repeatable
    #[arg(long, value_name = "FILE", conflicts_with_all = ["jwks", "request_auth"], help_heading = "Keys")]
    key: Vec<String>,
    /// Shared secret for HS256, HS384 and HS512: the bytes of this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["jwks", "key", "request_auth"], help_heading = "Keys")]
    secret_file: Option<String>,
    /// Manifests with RequestAuthentications: file, directory, glob or `-`; repeatable
    #[arg(long, value_name = "PATH", help_heading = "Policies")]
    request_auth: Vec<String>,
    /// Take policies that the API server or istiod would refuse as if they were in the mesh
    #[arg(long, requires = "request_auth", help_heading = "Policies")]
    assume_admitted: bool,
    /// Only the RequestAuthentications that apply to this workload of the manifests
    #[arg(long, value_name = "NAMESPACE/NAME", requires = "request_auth", conflicts_with = "policy", help_heading = "Policies")]
    workload: Option<String>,
    /// Only this RequestAuthentication; all of the files together when absent
    #[arg(long, value_name = "NAMESPACE/NAME", requires = "request_auth", help_heading = "Policies")]
    policy: Option<String>,
    /// Namespace of documents that give none
    #[arg(short = 'n', long, requires = "request_auth", help_heading = "Policies")]
    namespace: Option<String>,
    /// Judge by the standards instead of the proxy
    #[arg(long, requires = "request_auth", help_heading = "Policies")]
    strict: bool,
    /// Request header `name: value` that carries the token, as it is sent; repeatable
    #[arg(short = 'H', long = "header", value_name = "HEADER", requires = "request_auth", help_heading = "Request")]
    headers: Vec<String>,
    /// Request target with the query that carries the token
    #[arg(long, value_name = "PATH", requires = "request_auth", help_heading = "Request")]
    path: Option<String>,
    /// The verifier's own name, one of which `aud` must hold; repeatable
    #[arg(long, value_name = "AUDIENCE", help_heading = "Rules")]
    aud: Vec<String>,
    /// The issuer, exactly as the token writes it; repeatable
    #[arg(long, value_name = "ISSUER", help_heading = "Rules")]
    iss: Vec<String>,
    /// The subject
    #[arg(long, value_name = "SUBJECT", help_heading = "Rules")]
    sub: Option<String>,
    /// The kind of token: `typ` of the header, such as `at+jwt`
    #[arg(long, value_name = "TYPE", help_heading = "Rules")]
    typ: Option<String>,
    /// Algorithm that is allowed; those of the keys when absent; repeatable
    #[arg(long, value_name = "ALG", value_parser = super::parse_algorithm, help_heading = "Rules")]
    alg: Vec<Algorithm>,
    /// By how much clocks may differ; the proxy always forgives 60s
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = parse_leeway, help_heading = "Rules")]
    leeway: SignedDuration,
    /// Time to verify at, RFC 3339; now when absent
    #[arg(long, value_name = "TIME", help_heading = "Rules")]
    at: Option<Timestamp>,
    /// Take a token for any audience
    #[arg(long, conflicts_with = "aud", help_heading = "Rules")]
    accept_any_audience: bool,
    /// Take a token that never expires
    #[arg(long, help_heading = "Rules")]
    accept_without_expiry: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec jwt verify @token.jwt --jwks jwks.json --iss https://idp.example --aud shop
  meshsec jwt verify @token.jwt --request-auth policies/ --jwks https://idp.example=jwks.json
  meshsec jwt verify --request-auth policy.yaml -H 'authorization: bearer eyJ..' -o json
  kubectl get requestauthentication -A -o yaml | meshsec jwt verify @token.jwt --request-auth -";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn parse_leeway(text: &str) -> Result<SignedDuration, String> {
    if matches!(text, "0" | "0s") { Ok(SignedDuration::ZERO) } else { crate::cli::duration::parse_ttl(text) }
}

impl VerifyArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let now = self.at.unwrap_or(env.now);
        let (token, notes) = self.read_token(env)?;
        let message = self.message()?;
        let verdict = if self.request_auth.is_empty() {
            self.by_keys(token.as_deref().unwrap_or_default(), now)?
        } else {
            self.by_policies(token.as_deref(), message, now, env)?
        };
        let verdict = TokenVerdict { notes: notes.into_iter().chain(verdict.notes).collect(), ..verdict };
        if !env.quiet {
            match self.output {
                Format::Text => render::token_verdict_text(env.stdout, &verdict, env.style)?,
                Format::Json => render::token_verdict_json(env.stdout, &verdict)?,
            }
        }
        Ok(match verdict.word() {
            VerdictWord::Verified => Outcome::Yes,
            VerdictWord::Refused | VerdictWord::NoToken => Outcome::No,
            VerdictWord::Undetermined => Outcome::Undetermined,
        })
    }

    fn read_token(&self, env: &mut Env<'_>) -> Result<(Option<String>, Vec<String>), Error> {
        let is_in_request = !self.headers.is_empty() || self.path.is_some();
        let argument = match (&self.token, is_in_request) {
            (Some(argument), _) => argument.as_str(),
            (None, true) => return Ok((None, Vec::new())),
            (None, false) => "-",
        };
        if self.request_auth.iter().any(|path| path == "-") && matches!(argument, "-" | "@-") {
            return Err(Error::question(
                "token and manifests cannot both come from standard input",
                "give the token as an argument or `@FILE`".to_owned(),
            ));
        }
        let pasted = read_token(argument, env)?;
        Ok((Some(pasted.text), pasted.notes))
    }

    fn rules(&self) -> Rules {
        Rules {
            issuers: self.iss.clone(),
            audiences: self.aud.clone(),
            accepts_any_audience: self.accept_any_audience,
            subject: self.sub.clone(),
            token_type: self.typ.clone(),
            algorithms: self.alg.clone(),
            leeway: self.leeway,
            accepts_without_expiry: self.accept_without_expiry,
        }
    }

    /// The request that carries the token.
    fn message(&self) -> Result<Message, Error> {
        let mut headers = Headers::default();
        for text in &self.headers {
            let (name, value) = text.split_once(':').ok_or_else(|| {
                Error::question(format!("`-H {text}` has no `:`"), "write it as `-H 'authorization: Bearer eyJ..'`".to_owned())
            })?;
            // The proxy's HTTP layer has trimmed the value when the filter sees it.
            headers.append(name.trim(), value.trim());
        }
        let path = self.path.clone().unwrap_or_else(|| "/".to_owned());
        if !path.starts_with('/') {
            return Err(Error::question(format!("`--path {path}` does not begin with `/`"), None));
        }
        Ok(Message {
            method: "GET".to_owned(),
            scheme: "http".to_owned(),
            authority: "service.example".to_owned(),
            path: Some(path),
            headers,
        })
    }

    fn judge(&self) -> Judge {
        if self.request_auth.is_empty() || self.strict { Judge::Standards } else { Judge::Proxy }
    }
}

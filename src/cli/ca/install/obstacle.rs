//! What would break, said before it does, with the way that does not.

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::pki::istiod::Break;
use crate::pki::istiod::Transition;
use crate::spiffe::TrustDomain;
use crate::store::AuthorityName;

/// Namespaces that are named; the others are counted.
const NAMED: usize = 5;

/// What the words are about.
pub(super) struct Facts<'a> {
    pub(super) intermediate: &'a AuthorityName,
    pub(super) namespace: &'a str,
    pub(super) context: &'a str,
    pub(super) trust_domain: &'a TrustDomain,
    pub(super) mesh_trust_domain: &'a str,
    pub(super) is_forced: bool,
}

/// Refuses what breaks connections, unless it is forced; then it says so.
pub(super) fn require_safe(transition: &Transition, facts: &Facts<'_>, env: &mut Env<'_>) -> Result<(), Error> {
    let mut problems: Vec<String> = transition.breaks.iter().map(|problem| sentence(problem, facts)).collect();
    if facts.mesh_trust_domain != facts.trust_domain.as_str() {
        problems.push(format!(
            "the mesh's trust domain is `{}`, and `{}` vouches for `{}`",
            facts.mesh_trust_domain, facts.intermediate, facts.trust_domain
        ));
    }
    if problems.is_empty() {
        return Ok(());
    }
    if facts.is_forced {
        for problem in problems {
            writeln!(env.stderr, "{} {problem}", env.style.warning("warning:"))?;
        }
        let text = "connections break until istiod, then every gateway and workload, has been restarted";
        writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
        return Ok(());
    }
    let steps = steps(transition, facts);
    if !steps.is_empty() {
        writeln!(
            env.stderr,
            "{} the way without a broken connection, each step after the one before has reached everybody",
            env.style.note("steps:")
        )?;
        for (index, step) in steps.iter().enumerate() {
            writeln!(env.stderr, "  {}. {step}", index + 1)?;
        }
    }
    let help = if steps.is_empty() {
        "set `trustDomain` in the mesh configuration, or use the home of the other authority; `--force` installs it all the same"
    } else {
        "take the steps above; `--force` installs it all the same, and then everything has to be restarted"
    };
    Err(Error::question(problems.join("; "), help.to_owned()))
}

fn sentence(problem: &Break, facts: &Facts<'_>) -> String {
    let (intermediate, context) = (facts.intermediate, facts.context);
    match problem {
        Break::Unrelated => {
            format!("no root of `{intermediate}` is trusted in the mesh of `{context}`: its workloads would refuse each other")
        }
        Break::NotYetTrusted { namespaces } if namespaces.is_empty() => {
            format!(
                "the roots that istiod hands out now do not vouch for `{intermediate}`: its workloads would refuse each other"
            )
        }
        Break::NotYetTrusted { namespaces } => {
            format!("workloads in {} do not trust what `{intermediate}` signs yet", named(namespaces))
        }
        Break::NoLongerTrusted => {
            format!(
                "the roots of `{intermediate}` do not vouch for what istiod signs with now: workloads would refuse those who still have that"
            )
        }
    }
}

fn named(namespaces: &[String]) -> String {
    let shown: Vec<String> = namespaces.iter().take(NAMED).map(|namespace| format!("`{namespace}`")).collect();
    let word = if namespaces.len() == 1 { "namespace" } else { "namespaces" };
    match namespaces.len().saturating_sub(NAMED) {
        0 => format!("{word} {}", shown.join(", ")),
        more => format!("{word} {} and {more} more", shown.join(", ")),
    }
}

/// What to do instead.
fn steps(transition: &Transition, facts: &Facts<'_>) -> Vec<String> {
    let Facts { intermediate, namespace, .. } = facts;
    let first = "istiod runs with `ISTIO_MULTIROOT_MESH=true`, and the proxies with `PROXY_CONFIG_XDS_AGENT=true`".to_owned();
    let last = format!("trust the new root alone: `meshsec ca install --name {intermediate}`");
    if transition.breaks.contains(&Break::Unrelated) {
        return vec![
            first,
            format!(
                "trust both: `meshsec ca export --for istio --name {intermediate} -o new/`, then append `new/root-cert.pem` to `root-cert.pem` of Secret \
                 `{namespace}/cacerts` (made of `istio-ca-secret` when istiod has an authority of its own), and leave its other files alone"
            ),
            "wait until every `istio-ca-root-cert` holds both roots".to_owned(),
            format!(
                "sign with the new one: replace `ca-cert.pem`, `ca-key.pem` and `cert-chain.pem` of Secret `{namespace}/cacerts` by those in `new/`, and \
                 leave `root-cert.pem` alone"
            ),
            "wait until every workload has a certificate under it".to_owned(),
            last,
        ];
    }
    if transition.breaks.is_empty() {
        return Vec::new();
    }
    vec![
        first,
        format!("`meshsec ca rotate status --for istio --name {intermediate} --out rotation/` writes the files of each step"),
        "apply `rotation/1-trust-both`, and wait until every `istio-ca-root-cert` holds both roots".to_owned(),
        "apply `rotation/2-sign-with-new`, and wait until every workload has a certificate under the new root".to_owned(),
        format!("`meshsec ca rotate revoke`, then {last}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transition(breaks: &[Break]) -> Transition {
        Transition { breaks: breaks.to_vec(), namespaces: 3, roots_before: 1, added: 1, removed: 1 }
    }

    #[test]
    fn each_break_is_named_with_its_own_steps() {
        let (intermediate, trust_domain) = ("default".parse().unwrap(), TrustDomain::from_argument("cluster.local").unwrap());
        let facts = Facts {
            intermediate: &intermediate,
            namespace: "istio-system",
            context: "east",
            trust_domain: &trust_domain,
            mesh_trust_domain: "cluster.local",
            is_forced: false,
        };
        let waiting = |count: usize| Break::NotYetTrusted { namespaces: (0..count).map(|index| format!("n{index}")).collect() };
        let cases = [
            (Break::Unrelated, "no root of `default` is trusted in the mesh of `east`", "append `new/root-cert.pem`"),
            (waiting(0), "the roots that istiod hands out now do not vouch for `default`", "1-trust-both"),
            (waiting(1), "workloads in namespace `n0` do not trust what `default` signs yet", "1-trust-both"),
            (waiting(5), "namespaces `n0`, `n1`, `n2`, `n3`, `n4` do not trust", "1-trust-both"),
            (waiting(7), "namespaces `n0`, `n1`, `n2`, `n3`, `n4` and 2 more do not trust", "1-trust-both"),
            (Break::NoLongerTrusted, "workloads would refuse those who still have that", "2-sign-with-new"),
        ];
        for (problem, words, step) in cases {
            let said = sentence(&problem, &facts);
            assert!(said.contains(words), "{problem:?}: {said}");
            let steps = steps(&transition(std::slice::from_ref(&problem)), &facts).join("\n");
            assert!(steps.contains(step) && steps.contains("ISTIO_MULTIROOT_MESH"), "{problem:?}: {steps}");
        }
        assert!(steps(&transition(&[]), &facts).is_empty(), "what breaks nothing needs no steps");
    }
}

//! `approvals`: who approves calls, and where.

use super::imports::{Imported, is_beside};
use super::{Named, named};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::duration;
use crate::source::{Sources, Span, Spanned};
use crate::yaml::{
    self, Node,
    fields::{self, Fields},
};
use mcp_guard_engine::approval::{Jwk, KeyFault, PRIVATE_MEMBERS, PublicKey};
use mcp_guard_engine::policy::{LONGEST_LIFETIME, UrlTemplate};

/// How calls that need a human are approved.
#[derive(Clone, Debug)]
pub struct Approvals {
    /// Where the section stands.
    pub span: Span,
    /// Who may approve.
    pub issuers: Named<ApprovalIssuer>,
    /// Longest validity of an approval in seconds.
    pub max_lifetime: Option<Spanned<u32>>,
    /// Where a human approves.
    pub url: Option<Spanned<String>>,
}

/// One who may approve.
#[derive(Clone, Debug)]
pub struct ApprovalIssuer {
    /// Its public keys.
    pub keys: Vec<Spanned<Jwk>>,
}

pub(super) const KEYS: &[&str] = &["issuers", "max_lifetime", "url"];

pub(super) const ISSUER_KEYS: &[&str] = &["keys", "jwks"];

pub(super) const JWK_KEYS: &[&str] = &["kid", "kty", "crv", "x", "y", "alg", "use", "key_ops"];

pub(super) fn read(
    node: Option<&Node>,
    sources: &Sources,
    imported: &Imported,
    found: &mut Diagnostics,
) -> Option<Approvals> {
    let fields = Fields::read(node?, KEYS, found)?;
    let issuers = fields.require("issuers", found);
    Some(Approvals {
        span: fields.span,
        issuers: named(issuers, found, |node, found| {
            issuer(node, sources, imported, found)
        }),
        max_lifetime: fields
            .get("max_lifetime")
            .and_then(|node| lifetime(node, found)),
        url: fields.text("url", found).filter(|url| is_url(url, found)),
    })
}

/// The names of the key files, relative to the policy's place.
pub(super) fn key_files(policy: &Fields<'_>, unsaid: &mut Diagnostics) -> Vec<Spanned<String>> {
    let section = policy.get("approvals");
    let section = section.and_then(|node| Fields::any(node, unsaid));
    let issuers = section.as_ref().and_then(|fields| fields.get("issuers"));
    let Some(issuers) = issuers.and_then(|node| Fields::any(node, unsaid)) else {
        return Vec::new();
    };
    let nodes = issuers.entries().map(|(_, node)| node);
    let mut names = Vec::new();
    for node in nodes {
        let fields = Fields::any(node, unsaid);
        names.extend(fields.and_then(|fields| fields.text("jwks", unsaid)));
    }
    names
}

fn issuer(
    node: &Node,
    sources: &Sources,
    imported: &Imported,
    found: &mut Diagnostics,
) -> Option<ApprovalIssuer> {
    let fields = Fields::read(node, ISSUER_KEYS, found)?;
    let mut keys: Vec<Spanned<Jwk>> = fields
        .items("keys", found)
        .iter()
        .filter_map(|node| key(node, JWK_KEYS, found))
        .collect();
    if let Some(name) = fields.text("jwks", found) {
        keys.extend(key_set(&name, sources, imported, found));
    }
    if fields.get("keys").is_none() && fields.get("jwks").is_none() {
        let message = "an issuer has `keys`, or a file of them, `jwks`";
        found.push(Diagnostic::new(Code::MissingKey, fields.span, message));
    }
    check_names(&keys, found);
    Some(ApprovalIssuer { keys })
}

/// The keys of a JWK Set (RFC 7517, section 5) beside the policy. Its keys may say more than is used
/// here (section 4).
fn key_set(
    name: &Spanned<String>,
    sources: &Sources,
    imported: &Imported,
    found: &mut Diagnostics,
) -> Vec<Spanned<Jwk>> {
    let file = imported.get(&name.value).filter(|_| is_beside(&name.value));
    let Some(file) = file else {
        let message = format!("`{}` could not be read", name.value);
        found.push(
            Diagnostic::new(Code::BrokenImport, name.span, message)
                .label("a path from the policy's folder down, without `..` and hidden parts"),
        );
        return Vec::new();
    };
    let Some(node) = yaml::parse(sources, *file, found) else {
        return Vec::new();
    };
    let Some(fields) = Fields::any(&node, found) else {
        return Vec::new();
    };
    fields.require("keys", found);
    let mut keys = Vec::new();
    for node in fields.items("keys", found) {
        let members = Fields::any(node, found);
        let known: Vec<&str> = members
            .iter()
            .flat_map(Fields::entries)
            .map(|(key, _)| key.value.as_str())
            .collect();
        keys.extend(key(node, &known, found));
    }
    keys
}

fn key(node: &Node, known: &[&str], found: &mut Diagnostics) -> Option<Spanned<Jwk>> {
    if let Some(private) = private(&Fields::any(node, found)?, found) {
        found.push(private);
        return None;
    }
    let jwk = jwk(&Fields::read(node, known, found)?, found)?;
    if let Err(fault) = PublicKey::new(&jwk) {
        found.push(unfit(&jwk, node.span, fault));
        return None;
    }
    Some(Spanned {
        value: jwk,
        span: node.span,
    })
}

/// What is wrong with a key that holds its private half.
fn private(members: &Fields<'_>, found: &mut Diagnostics) -> Option<Diagnostic> {
    let mut names = members.entries().map(|(key, _)| key.value.as_str());
    names.find(|name| PRIVATE_MEMBERS.contains(name))?;
    // Without its place: what is shown of the text would show the key.
    let kid = members.text("kid", found).map(|kid| kid.value);
    let message = format!("the key `{}` is a private one", kid.unwrap_or_default());
    Some(
        Diagnostic::unplaced(Code::PrivateKey, message)
            .help("it is no secret any more: make another, and list its public half alone"),
    )
}

fn jwk(fields: &Fields<'_>, found: &mut Diagnostics) -> Option<Jwk> {
    let mut required = |name: &str| {
        fields.require(name, found);
        fields.text(name, found).map(|text| text.value)
    };
    let (kid, kty, crv, x) = (
        required("kid"),
        required("kty"),
        required("crv"),
        required("x"),
    );
    let mut optional = |name: &str| fields.text(name, found).map(|text| text.value);
    let (y, alg, usage) = (optional("y"), optional("alg"), optional("use"));
    let key_ops = fields.get("key_ops").is_some().then(|| {
        let texts = fields.texts("key_ops", found);
        texts.into_iter().map(|text| text.value).collect()
    });
    Some(Jwk {
        kid: kid?,
        kty: kty?,
        crv: crv?,
        x: x?,
        y,
        alg,
        usage,
        key_ops,
    })
}

fn unfit(jwk: &Jwk, span: Span, fault: KeyFault) -> Diagnostic {
    let message = format!("`{}` verifies no approvals", jwk.kid);
    Diagnostic::new(Code::UnfitKey, span, message).label(format!("it {fault}"))
}

/// A token names its key, so that two keys of one name would be none.
fn check_names(keys: &[Spanned<Jwk>], found: &mut Diagnostics) {
    for (place, key) in keys.iter().enumerate() {
        let kid = &key.value.kid;
        let mut earlier = keys.iter().take(place);
        if let Some(first) = earlier.find(|first| first.value.kid == *kid) {
            let message = format!("`{kid}` is defined twice");
            found.push(
                Diagnostic::new(Code::NameDefinedTwice, first.span, message)
                    .also(key.span, "and here")
                    .help("give one of them another `kid`"),
            );
        }
    }
}

/// `45s` or `2m`.
fn lifetime(node: &Node, found: &mut Diagnostics) -> Option<Spanned<u32>> {
    let text = fields::text(node, found)?;
    let seconds = duration::seconds(&text.value);
    match seconds.filter(|seconds| *seconds <= LONGEST_LIFETIME) {
        Some(value) => Some(Spanned {
            value,
            span: text.span,
        }),
        None => {
            let message = format!("`{}` is no validity of an approval", text.value);
            found.push(
                Diagnostic::new(Code::Malformed, text.span, message).label(format!(
                    "`1s` to `{LONGEST_LIFETIME}s`, as in `45s` or `2m`"
                )),
            );
            None
        }
    }
}

fn is_url(url: &Spanned<String>, found: &mut Diagnostics) -> bool {
    let Err(problem) = UrlTemplate::new(&url.value) else {
        return true;
    };
    let message = format!("`{}` is no URL to approve at", url.value);
    found.push(Diagnostic::new(Code::Malformed, url.span, message).label(format!("it {problem}")));
    false
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Code;
    use crate::lower::Stage;
    use crate::testing::{POLICY, Texts};

    const KEY: &str =
        "kid: k, kty: OKP, crv: Ed25519, x: iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w";

    /// The compiled policy, or what was found, with `section` as its `approvals`.
    fn compiled(section: &str, keys: Option<&str>) -> (String, Vec<Code>) {
        let policy = format!("{POLICY}approvals: {{ {section} }}\n");
        let done = Texts {
            policy: &policy,
            shared: keys,
            stage: Some(Stage::Enforce),
            ..Texts::default()
        }
        .compile();
        let config = done.compilation.map(|done| done.plugin_config);
        let codes = done.found.iter().map(|found| found.code).collect();
        (config.unwrap_or_default(), codes)
    }

    #[test]
    fn keys_and_url_reach_the_filter_in_the_format_that_can_say_them() {
        let section = format!(
            "issuers: {{ desk: {{ keys: [{{ {KEY} }}] }} }}, max_lifetime: 2m, url: \"https://desk.example/?{{request}}\""
        );
        let (config, found) = compiled(&section, None);
        assert_eq!(found, []);
        for part in [
            r#""format":2"#,
            r#""max_lifetime_seconds":120"#,
            r#""url":"https://desk.example/?{request}""#,
            r#""issuers":{"desk":{"keys":[{"kid":"k","kty":"OKP""#,
        ] {
            assert!(config.contains(part), "{part}: {config}");
        }
    }

    #[test]
    fn a_key_set_beside_the_policy_may_say_more() {
        let set = r#"{"keys": [{"kid": "k", "kty": "OKP", "crv": "Ed25519", "x5t": "x",
            "x": "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w"}]}"#;
        let (config, found) = compiled("issuers: { desk: { jwks: shared.yaml } }", Some(set));
        assert_eq!(found, []);
        assert!(config.contains(r#""kid":"k""#), "{config}");
        let private = set.replace("\"x5t\": \"x\"", "\"d\": \"x\"");
        let (_, found) = compiled("issuers: { desk: { jwks: shared.yaml } }", Some(&private));
        assert!(found.contains(&Code::PrivateKey), "{found:?}");
    }

    #[test]
    fn what_approves_nothing_is_refused() {
        let with = |more: &str| format!("issuers: {{ desk: {{ keys: [{{ {KEY} }}] }} }}, {more}");
        let keys = |keys: &str| format!("issuers: {{ desk: {{ keys: [{keys}] }} }}");
        for (section, code) in [
            (
                "url: \"https://desk.example/\"".to_owned(),
                Code::MissingKey,
            ),
            ("issuers: { desk: {} }".to_owned(), Code::MissingKey),
            (
                "issuers: { desk: { jwks: other.json } }".to_owned(),
                Code::BrokenImport,
            ),
            (
                "issuers: { desk: { jwks: ../other.json } }".to_owned(),
                Code::BrokenImport,
            ),
            (keys(&format!("{{ {KEY}, d: x }}")), Code::PrivateKey),
            (
                keys(&format!("{{ {KEY} }}, {{ {KEY} }}")),
                Code::NameDefinedTwice,
            ),
            (keys(&format!("{{ {KEY}, alg: ES256 }}")), Code::UnfitKey),
            (keys(&format!("{{ {KEY}, x5u: x }}")), Code::UnknownKey),
            (with("max_lifetime: 0s"), Code::Malformed),
            (with("max_lifetime: 61m"), Code::Malformed),
            (with("max_lifetime: 2h"), Code::Malformed),
            (with("max_lifetime: 90sss"), Code::Malformed),
            (with("max_lifetime: 60"), Code::WrongType),
            (with("url: \"http://desk.example/\""), Code::Malformed),
            (
                with("url: \"https://desk.example/{user}\""),
                Code::Malformed,
            ),
        ] {
            let (config, found) = compiled(&section, None);
            assert!(found.contains(&code), "{section}: {found:?}");
            assert!(config.is_empty(), "{section}");
        }
    }
}

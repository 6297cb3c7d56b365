//! `image`: where the filter comes from.

use super::reference::Reference;
use super::volume::{self, Volume};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::https::Authority;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, fields::Fields};

/// The filter's module.
#[derive(Clone, Debug)]
pub struct Image {
    /// Where `image` stands.
    pub span: Span,
    /// The whole address.
    pub url: Spanned<String>,
    /// What kind of address it is.
    pub location: Location,
    /// 64 hexadecimal digits: of the image's manifest for `oci`, of the module for `https`.
    pub digest: Option<Spanned<String>>,
    /// Name of the Secret of the namespace that opens the registry.
    pub pull_secret: Option<Spanned<String>>,
    /// The volume that a `file://` module lies in; absent: the sidecar has it already.
    pub volume: Option<Volume>,
}

impl Image {
    /// The folder of a `file://` module.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        volume::folder(&self.url.value)
    }
}

/// Where a module can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// A registry; the digest is that of the platform's manifest, never of an index.
    Oci,
    /// A web server; the digest is the module's own.
    Https,
    /// A volume of the sidecar: needs no registry at run time, and Istio verifies nothing.
    File,
}

const LOCATIONS: [(&str, Location); 3] = [
    ("oci://", Location::Oci),
    ("https://", Location::Https),
    ("file://", Location::File),
];

/// The digest that `mcp-guard init` writes, to be replaced: no known bytes have it.
pub(crate) const PLACEHOLDER: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) const KEYS: &[&str] = &["url", "digest", "pull_secret", "volume"];

pub(super) fn read(node: &Node, found: &mut Diagnostics) -> Option<Image> {
    let fields = Fields::read_as(node, KEYS, "{ url: …, digest: \"sha256:…\" }", found)?;
    fields.require("url", found);
    let url = fields.text("url", found)?;
    let location = location(&url, found)?;
    let digest = digest(&fields, found);
    if fields.get("digest").is_none() && location != Location::File {
        let message = "the image is not pinned by a digest";
        found.push(
            Diagnostic::new(Code::ImageNotPinned, url.span, message).help(match location {
                Location::Oci => {
                    "add `digest: \"sha256:…\"`, that of the platform's manifest (`crane digest --platform linux/amd64 IMAGE`)"
                }
                _ => "add `digest: \"sha256:…\"`, that of the module (`sha256sum FILE`)",
            }),
        );
    }
    match location {
        Location::File => volume::check_path(&url, found),
        Location::Https | Location::Oci => check_address(&url, location, found),
    }
    Some(Image {
        span: node.span,
        volume: volume::read(&fields, location, found),
        url,
        location,
        digest,
        pull_secret: fields.text("pull_secret", found),
    })
}

fn location(url: &Spanned<String>, found: &mut Diagnostics) -> Option<Location> {
    let location = LOCATIONS
        .iter()
        .find(|(scheme, _)| url.value.starts_with(scheme))
        .map(|(_, location)| *location);
    if location.is_none() {
        let message = format!("`{}` is no address of a module", url.value);
        found.push(
            Diagnostic::new(Code::Malformed, url.span, message)
                .label("begins with `oci://`, `https://` or `file://`"),
        );
    }
    location
}

/// Istio takes the digest from a field of its own.
fn digest_within(reference: &Reference, url: &Spanned<String>) -> Option<Diagnostic> {
    let digest = reference.digest.as_ref()?;
    let (bare, _) = url.value.split_once('@')?;
    let message = "the digest stands in `digest`, not in the address";
    Some(
        Diagnostic::new(Code::Malformed, url.span, message)
            .help(format!("write `url: \"{bare}\", digest: \"{digest}\"`")),
    )
}

/// The address is read here as it is read when the registry is asked.
fn check_address(url: &Spanned<String>, location: Location, found: &mut Diagnostics) {
    let reference = Reference::parse(&url.value);
    let (is_sound, form) = match location {
        Location::Oci => (reference.is_some(), "`oci://HOST[:PORT]/NAME[:TAG]`"),
        _ => (
            Authority::of(&url.value).is_some(),
            "`https://HOST[:PORT]/PATH`",
        ),
    };
    if location == Location::Oci {
        found.extend(reference.and_then(|reference| digest_within(&reference, url)));
    }
    if !is_sound {
        let message = format!("`{}` is no address of a module", url.value);
        found.push(Diagnostic::new(Code::Malformed, url.span, message).label(form));
    }
}

fn digest(fields: &Fields<'_>, found: &mut Diagnostics) -> Option<Spanned<String>> {
    let digest = fields.text("digest", found)?;
    let hex = digest
        .value
        .strip_prefix("sha256:")
        .unwrap_or(&digest.value);
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if hex.len() != 64 || !hex.chars().all(is_hex) {
        let message = format!("`{}` is not a digest", digest.value);
        found.push(
            Diagnostic::new(Code::Malformed, digest.span, message)
                .label("`sha256:` and 64 hexadecimal digits in lower case"),
        );
        return None;
    }
    if hex == PLACEHOLDER {
        let message = "the digest is a placeholder, which no image has";
        found.push(
            Diagnostic::new(Code::ImagePlaceholder, digest.span, message)
                .help("put in the digest of the image that you pushed: no pod gets the filter by this one"),
        );
    }
    Some(Spanned {
        value: hex.into(),
        span: digest.span,
    })
}

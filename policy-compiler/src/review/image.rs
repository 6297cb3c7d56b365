//! The image that a registry has: only a platform's manifest can be run by a sidecar.
//!
//! The compiler asks no registry: whoever calls it brings the answer.

use crate::deployment::{Image, Location};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A reference to an image, as container tools write it.
///
/// ```text
/// [oci://] [ HOST [:PORT] / ] NAME [ :TAG ] [ @sha256:DIGEST ]
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The registry.
    pub host: String,
    /// The repository on it.
    pub name: String,
    /// The tag; absent with a digest alone.
    pub tag: Option<String>,
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: Option<String>,
}

/// What a registry said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is a manifest.
    Manifest {
        /// Its media type.
        media_type: String,
        /// Its bytes.
        body: Vec<u8>,
        /// Its digest, computed from the bytes.
        digest: String,
    },
    /// There is none, or nobody answers.
    Unreachable(String),
}

/// Media types of what a registry may have under one name.
pub const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// The digest of a manifest's bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

impl Reference {
    /// Reads a reference. None: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("oci://").unwrap_or(text);
        let (text, digest) = match text.split_once('@') {
            Some((text, digest)) => (text, Some(digest)),
            None => (text, None),
        };
        let (text, tag) = match text.rsplit_once(':') {
            Some((text, tag)) if !tag.contains('/') => (text, Some(tag)),
            _ => (text, None),
        };
        // What has no dot, no port and is not this machine is a name on Docker Hub.
        let is_host = |host: &str| host.contains(['.', ':']) || host == "localhost";
        let (host, name) = match text.split_once('/') {
            Some((host, name)) if is_host(host) => (host, name.to_string()),
            Some(_) => ("registry-1.docker.io", text.to_string()),
            None => ("registry-1.docker.io", format!("library/{text}")),
        };
        let host = match host {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            _ => host,
        };
        let is_sound = is_name(&name)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest)
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(c));
        is_sound.then(|| Self {
            host: host.into(),
            name,
            tag: tag.map(Into::into),
            digest: digest.map(Into::into),
        })
    }

    /// The reference of a deployment's image. None: it comes from no registry.
    #[must_use]
    pub fn of(image: &Image) -> Option<Self> {
        if image.location != Location::Oci {
            return None;
        }
        let mut reference = Self::parse(&image.url.value)?;
        if let Some(digest) = &image.digest {
            reference.digest = Some(format!("sha256:{}", digest.value));
        }
        Some(reference)
    }

    /// By what the registry is asked for it: the digest, if there is one.
    #[must_use]
    pub fn object(&self) -> &str {
        let named = self.digest.as_deref().or(self.tag.as_deref());
        named.unwrap_or("latest")
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.host, self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// Finds what keeps a sidecar from running the image. `span` is where the file names it.
pub fn check(reference: &Reference, answer: &Answer, span: Option<Span>, found: &mut Diagnostics) {
    let place = |code, message: String| match span {
        Some(span) => Diagnostic::new(code, span, message),
        None => Diagnostic::unplaced(code, message),
    };
    let (media_type, body, digest) = match answer {
        Answer::Unreachable(reason) => {
            let message = format!("`{reference}` cannot be fetched: {reason}");
            let help = "a sidecar that cannot fetch the filter refuses every call";
            found.push(place(Code::ImageUnreachable, message).help(help));
            return;
        }
        Answer::Manifest {
            media_type,
            body,
            digest,
        } => (media_type, body, digest),
    };
    if let Some(wanted) = reference.digest.as_ref().filter(|wanted| *wanted != digest) {
        let message = format!("the registry answers `{wanted}` with `{digest}`");
        found.push(place(Code::ImageUnreachable, message));
        return;
    }
    let manifest: Value = serde_json::from_slice(body).unwrap_or_default();
    if is_index(media_type, &manifest) {
        let message = format!("`{reference}` is an index of several platforms, not an image");
        found.push(place(Code::ImageIndex, message).help(format!(
            "pin one of its manifests: {}",
            platforms(&manifest)
        )));
        return;
    }
    if reference.digest.is_none() {
        let message = format!("`{reference}` is not pinned by a digest");
        found
            .push(place(Code::ImageNotPinned, message).help(format!("add `digest: \"{digest}\"`")));
    }
}

fn is_index(media_type: &str, manifest: &Value) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let is_index = |text: &str| MEDIA_TYPES.iter().skip(2).any(|index| *index == text);
    let own = manifest.get("mediaType").and_then(Value::as_str);
    is_index(media_type) || own.is_some_and(is_index) || manifest.get("manifests").is_some()
}

/// The platforms of an index with their digests.
fn platforms(index: &Value) -> String {
    let manifests = index.get("manifests").and_then(Value::as_array);
    let shown = manifests.into_iter().flatten().filter_map(|manifest| {
        let digest = manifest.get("digest")?.as_str()?;
        let text = |pointer| {
            manifest
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or("unknown")
        };
        let system = text("/platform/os");
        // Attestations of build tools are listed as manifests of no platform.
        (system != "unknown")
            .then(|| format!("`{digest}` ({system}/{})", text("/platform/architecture")))
    });
    let shown: Vec<String> = shown.collect();
    match shown.is_empty() {
        true => "it lists none".into(),
        false => shown.join(", "),
    }
}

/// OCI distribution specification 1.1, "Pulling manifests": `<name>`.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let is_part = |part: &str| {
        !part.is_empty()
            && part.chars().all(fits)
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    text.split('/').all(is_part)
}

/// The same, `<reference>` as a tag.
fn is_tag(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (1..=128).contains(&text.len()) && text.chars().all(fits) && !text.starts_with(['.', '-'])
}

fn is_digest(text: &str) -> bool {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.chars().all(is_hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_container_tools_do() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, host, name, object) in [
            ("oci://r.example.com/a/b:1", "r.example.com", "a/b", "1"),
            ("127.0.0.1:5000/a", "127.0.0.1:5000", "a", "latest"),
            ("localhost/a:x", "localhost", "a", "x"),
            ("acme/a", "registry-1.docker.io", "acme/a", "latest"),
            ("a:1", "registry-1.docker.io", "library/a", "1"),
            (&format!("r.io/a:1@{digest}"), "r.io", "a", &digest),
        ] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(
                (
                    reference.host.as_str(),
                    reference.name.as_str(),
                    reference.object()
                ),
                (host, name, object)
            );
        }
        for text in [
            "",
            "r.io/",
            "r.io/A",
            "r.io/a@sha256:1",
            "r.io/a:",
            "r.io/../a",
            "r.io/a b",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }

    fn codes(reference: &str, media_type: &str, body: &str, digest: &str) -> Vec<Code> {
        let answer = Answer::Manifest {
            media_type: media_type.into(),
            body: body.into(),
            digest: digest.into(),
        };
        let mut found = Diagnostics::default();
        check(
            &Reference::parse(reference).unwrap(),
            &answer,
            None,
            &mut found,
        );
        found.into_sorted().iter().map(|found| found.code).collect()
    }

    #[test]
    fn an_index_is_refused_however_it_is_sent() {
        let digest = format!("sha256:{}", "1".repeat(64));
        let pinned = format!("r.io/a@{digest}");
        let [oci, docker, index, list] = MEDIA_TYPES;
        assert_eq!(codes(&pinned, oci, "{}", &digest), []);
        assert_eq!(codes(&pinned, docker, "{}", &digest), []);
        for (media_type, body) in [(index, "{}"), (list, "{}"), (oci, r#"{"manifests":[]}"#)] {
            assert_eq!(
                codes(&pinned, media_type, body, &digest),
                [Code::ImageIndex]
            );
        }
        assert_eq!(
            codes("r.io/a:1", oci, "{}", &digest),
            [Code::ImageNotPinned]
        );
        assert_eq!(
            codes(&pinned, oci, "{}", "sha256:2"),
            [Code::ImageUnreachable]
        );
    }
}

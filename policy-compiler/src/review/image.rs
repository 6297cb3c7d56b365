//! The image that a registry has: only a platform's manifest can be run by a sidecar.
//!
//! The compiler asks no registry: whoever calls it brings the answer.

use crate::deployment::Reference;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use serde_json::Value;
use sha2::{Digest, Sha256};

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

#[cfg(test)]
mod tests {
    use super::*;

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

//! References to images, as container tools write them.

use super::{Image, Location};
use crate::https::Authority;

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
            && Authority::of(&format!("https://{host}")).is_some();
        is_sound.then(|| Self {
            host: host.into(),
            name,
            tag: tag.map(Into::into),
            digest: digest.map(Into::into),
        })
    }

    /// The port of the registry.
    #[must_use]
    pub(crate) fn port(&self) -> Option<u16> {
        Authority::of(&format!("https://{}", self.host)).map(|authority| authority.port)
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
    use super::Reference;

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
            "r.io:/a",
            "r..io/a",
            "user@r.io/a",
            "https://r.io/a",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }
}

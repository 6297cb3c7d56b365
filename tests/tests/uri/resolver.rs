//! Resolves a URI as Rust servers do: with the `url` crate, once or again after decoding, then as
//! a file name of the standard library.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};
use url::{ParseError, Url, form_urlencoded};

/// A reading of the URI that is not below the root.
pub(crate) fn escape(root: &str, uri: &str) -> Result<Option<String>, ParseError> {
    let expected = Url::parse(root)?;
    let relative = uri.strip_prefix(root).unwrap_or(uri);
    let joined = expected.join(&format!(
        "./{}",
        relative.split('?').next().unwrap_or_default()
    ));
    // A rootless path cannot be joined to.
    for url in [Ok(Url::parse(uri)?), joined].into_iter().flatten() {
        let found = url_escape(&expected, &url).or_else(|| query_escape(&url));
        if found.is_some() {
            return Ok(found);
        }
    }
    for layer in layers(uri).into_iter().skip(1) {
        let found = Url::parse(&layer)
            .ok()
            .and_then(|url| url_escape(&expected, &url));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(name_escape(after_scheme(root), after_scheme(uri)))
}

fn url_escape(root: &Url, url: &Url) -> Option<String> {
    let place = |url: &Url| {
        (
            url.scheme().to_owned(),
            url.host_str().map(str::to_owned),
            url.port(),
        )
    };
    if place(root) != place(url) || !url.username().is_empty() {
        return Some(url.to_string());
    }
    if let (Ok(root), Ok(file)) = (root.to_file_path(), url.to_file_path()) {
        let file = normalised(&file);
        if !file.is_some_and(|file| file.starts_with(root)) {
            return Some(url.to_string());
        }
    }
    name_escape(root.path(), url.path())
}

/// Whether a path, decoded any number of times, leaves its root as a name does.
fn name_escape(root: &str, path: &str) -> Option<String> {
    let decoded_root = decoded(root).into_owned();
    layers(path).into_iter().find(|reading| {
        let path = reading.replace('\\', "/");
        let root = if path.starts_with(root) {
            root
        } else {
            &decoded_root
        };
        // Joining an absolute name to a directory leaves the directory.
        let relative = path.strip_prefix(root).unwrap_or_default();
        relative.starts_with('/')
            || !normalised(Path::new(&path)).is_some_and(|path| path.starts_with(root))
    })
}

/// Whether a value of the query leaves the directory that it is joined to.
fn query_escape(url: &Url) -> Option<String> {
    let query = url.query()?;
    let pairs = form_urlencoded::parse(query.as_bytes());
    let values = pairs.flat_map(|(key, value)| [key.into_owned(), value.into_owned()]);
    values
        .chain([query.to_owned()])
        .flat_map(|value| layers(&value))
        .find(|reading| {
            let path = reading.replace('\\', "/");
            path.starts_with("//") || normalised(Path::new(path.trim_start_matches('/'))).is_none()
        })
}

/// The path without `.` and `..`; nothing if it leaves where it started.
fn normalised(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if !out.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            kept => out.push(kept),
        }
    }
    Some(out)
}

fn after_scheme(uri: &str) -> &str {
    let text = uri.split('?').next().unwrap_or_default();
    let rest = text.split_once(':').map_or("", |(_, rest)| rest);
    rest.strip_prefix("//").unwrap_or(rest)
}

/// The text, and what decoding makes of it until it changes no more.
fn layers(text: &str) -> Vec<String> {
    let mut layers = vec![text.to_owned()];
    let mut current = text.to_owned();
    for _ in 0..8 {
        let next = decoded(&current).into_owned();
        if next == current {
            break;
        }
        layers.push(next.clone());
        current = next;
    }
    layers
}

/// Percent-decoding as the `url` crate does it, `+` left alone.
fn decoded(text: &str) -> Cow<'_, str> {
    let protected = text
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let pair = form_urlencoded::parse(protected.as_bytes()).next();
    pair.map_or(Cow::Borrowed(text), |(key, _)| Cow::Owned(key.into_owned()))
}

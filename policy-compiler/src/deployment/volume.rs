//! `image.volume`: the volume that holds a `file://` module, so that a sidecar needs no registry when
//! it starts.

use super::Location;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::policy::is_subdomain;
use crate::source::Spanned;
use crate::yaml::fields::Fields;

/// A volume with the filter's module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Volume {
    /// A ConfigMap whose `binaryData` holds it.
    ConfigMap(Spanned<String>),
    /// A PersistentVolumeClaim.
    PersistentVolumeClaim(Spanned<String>),
    /// An image that the kubelet pulls, with the node's or the pod's credentials. It is pinned by its
    /// digest, which the kubelet verifies; Istio verifies nothing of a file.
    Image(Spanned<String>),
}

const SCHEME: &str = "file://";

pub(super) type Kind = fn(Spanned<String>) -> Volume;

pub(super) const KINDS: [(&str, Kind); 3] = [
    ("config_map", Volume::ConfigMap),
    ("persistent_volume_claim", Volume::PersistentVolumeClaim),
    ("image", Volume::Image),
];

pub(super) fn read(
    image: &Fields<'_>,
    location: Location,
    found: &mut Diagnostics,
) -> Option<Volume> {
    let node = image.get("volume")?;
    if location != Location::File {
        let message = "a volume is for a module that is a file";
        found.push(
            Diagnostic::new(Code::Malformed, node.span, message)
                .help("write `url: \"file:///FOLDER/FILE\"`, or remove `volume`"),
        );
    }
    let keys = KINDS.map(|(key, _)| key);
    let fields = Fields::read(node, &keys, found)?;
    let mut volumes: Vec<Volume> = KINDS
        .into_iter()
        .filter_map(|(key, volume)| Some(volume(fields.text(key, found)?)))
        .collect();
    if volumes.len() != 1 {
        let message = "this should be one volume";
        found.push(
            Diagnostic::new(Code::Malformed, node.span, message)
                .help("name one: `volume: { config_map: mcp-guard-filter }`"),
        );
    }
    let volume = volumes.pop()?;
    check(&volume, found);
    Some(volume)
}

fn check(volume: &Volume, found: &mut Diagnostics) {
    match volume {
        Volume::ConfigMap(name) | Volume::PersistentVolumeClaim(name) => {
            if !is_subdomain(&name.value) {
                let message = format!("`{}` is not the name of an object", name.value);
                found.push(Diagnostic::new(Code::Malformed, name.span, message));
            }
        }
        Volume::Image(reference) => {
            if !reference.value.contains("@sha256:") {
                let message = "the image is not pinned by a digest";
                found.push(
                    Diagnostic::new(Code::ImageNotPinned, reference.span, message)
                        .label("ends in `@sha256:…`"),
                );
            }
        }
    }
}

/// The folder of a `file://` address.
pub(super) fn folder(url: &str) -> Option<&str> {
    let path = url.strip_prefix(SCHEME)?;
    let (folder, file) = path.rsplit_once('/')?;
    let fits = folder.starts_with('/') && !file.is_empty();
    fits.then_some(folder)
}

/// A file in the root folder could not be mounted without hiding the sidecar's own files.
pub(super) fn check_path(url: &Spanned<String>, found: &mut Diagnostics) {
    if folder(&url.value).is_none() {
        let message = format!("`{}` is not a file in a folder of its own", url.value);
        found.push(
            Diagnostic::new(Code::Malformed, url.span, message)
                .label("as in `file:///var/lib/mcp-guard/filter.wasm`"),
        );
    }
}

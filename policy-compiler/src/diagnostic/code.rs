//! The table of codes.
//!
//! INVARIANT: a code that appeared in a release is never given another meaning. Ranges: 00xx the
//! text itself, 01xx names that refer to each other, 02xx what the policy means, 03xx sizes, 04xx
//! the deployment and the objects, 05xx what runs in a cluster, 09xx mistakes of the compiler.

use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is compiled.
    Error,
    /// Legal, but suspicious.
    Warning,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal $severity:ident $title:literal,)*) => {
        /// The kind of a finding: its page is `docs/diagnostics/MCPnnnn.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])* #[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in ascending order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }

            /// What it is about, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }

            /// Its page in Markdown: what it means, why it matters, an example and its correction.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!(
                        "../../../docs/diagnostics/MCP", $number, ".md"
                    )),)*
                }
            }

            /// `MCP0001`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("MCP", $number),)*
                }
            }
        }
    };
}

codes! {
    InvalidYaml = "0001" Error "the file is not YAML",
    AliasOrTag = "0002" Error "an alias, anchor or tag",
    DuplicateKey = "0003" Error "a key that stands twice",
    UnknownKey = "0004" Error "an unknown key",
    MissingKey = "0005" Error "a missing key",
    WrongType = "0006" Error "a value of the wrong type",
    UnknownValue = "0007" Error "an unknown value",
    UnknownVersion = "0008" Error "an unknown version of the language",
    TooLarge = "0009" Error "a file that is too large or too deep",
    Malformed = "0010" Error "a malformed value",
    NotOneDocument = "0011" Error "a file that is not one document",
    BrokenImport = "0012" Error "an import that cannot be used",
    NotSupportedYet = "0013" Error "a feature that is not supported yet",
    InvalidToolList = "0014" Error "a tool list that cannot be read",
    UnknownCaller = "0101" Error "an unknown caller",
    UnknownToolGroup = "0102" Error "an unknown tool group",
    UnusedCaller = "0103" Warning "a caller that nobody uses",
    UnusedToolGroup = "0104" Warning "a tool group that nobody uses",
    NameDefinedTwice = "0105" Error "a name that is defined twice",
    UnmatchedTool = "0106" Warning "a tool that the server does not have",
    UnknownMethod = "0107" Warning "a method that MCP does not have",
    UnknownArgument = "0108" Warning "an argument that the tool does not have",
    ArgumentOutsideSchema = "0109" Warning "a value that the argument never has",
    IndistinctCallers = "0110" Warning "two callers that cannot be told apart",
    ImportedCallers = "0111" Warning "a rule for whoever is imported",
    InvalidGlob = "0201" Error "an invalid pattern",
    EscapingResource = "0202" Error "a resource pattern that could escape its root",
    ShadowedAllow = "0203" Warning "an allow shadowed by a deny",
    NeverMatches = "0204" Error "a rule that can never match",
    OverBroad = "0205" Warning "an over-broad pattern",
    UnapprovedMutation = "0206" Warning "a mutating tool without approval",
    RepeatedEntry = "0207" Warning "an entry that stands twice",
    OpenPathOverlaps = "0208" Error "an open path that overlaps an MCP path",
    EmptyRule = "0209" Error "a rule that lists nothing",
    NoCallers = "0210" Warning "a policy that names no callers",
    PointlessApproval = "0211" Error "an approval that is never given",
    NotAllChecked = "0212" Warning "more patterns than could be compared",
    PathGlob = "0213" Warning "a glob that looks like a path",
    PrivateKey = "0214" Error "a private key",
    UnfitKey = "0215" Error "a key that verifies no approvals",
    NoIssuers = "0216" Warning "an approval that nobody can give",
    ObjectLarge = "0301" Warning "an object too large for client-side apply",
    ObjectTooLarge = "0302" Error "an object too large for Kubernetes",
    ImageNotPinned = "0401" Error "an image without a digest",
    PrincipalForm = "0402" Error "a principal outside the trust domain's form",
    EgressCovered = "0403" Warning "an egress host that a wildcard covers",
    LlmHost = "0404" Error "an LLM host in the egress",
    EgressWithoutAddress = "0405" Warning "an egress host that a NetworkPolicy cannot name",
    AttachmentUnsupported = "0406" Error "an attachment that the Istio version does not have",
    WorkloadClaimedTwice = "0407" Error "two policies for one workload",
    IdentityIncomplete = "0408" Error "an incomplete workload identity",
    CallersRequired = "0409" Error "manifests for a policy without callers",
    EgressConflict = "0410" Error "one egress host with two meanings",
    WeakenedByManifest = "0411" Error "a manifest that weakens the policy",
    ServicePortProtocol = "0412" Error "an MCP port that is not HTTP",
    WildcardUnsupported = "0413" Error "a wildcard host that a sidecar cannot resolve",
    MetadataReachable = "0414" Error "an egress to the node's metadata service",
    CallerWithoutAddress = "0415" Warning "a caller that a NetworkPolicy cannot name",
    IssuerConflict = "0416" Error "one issuer with two meanings",
    PortConflict = "0417" Error "a port with two owners",
    RootNamespace = "0418" Error "a policy in the mesh's root namespace",
    ImageIndex = "0420" Error "an image digest of an index",
    ImageUnreachable = "0421" Error "an image that cannot be fetched",
    KeysUnknown = "0422" Error "tokens that a plain Envoy cannot verify",
    ImagePlaceholder = "0423" Warning "an image digest to be filled in",
    ObjectMissing = "0501" Error "an object that is not in the cluster",
    NoProxy = "0502" Error "a pod without a proxy",
    FilterNotInPlace = "0503" Error "a filter that is not in its place",
    PolicyNotRunning = "0504" Error "a proxy that does not run the policy",
    ModuleNotLoaded = "0505" Error "a proxy that could not load the filter",
    CallersNotChecked = "0506" Error "a port whose callers are not checked",
    MutualTlsNotStrict = "0507" Error "a port that takes calls without mutual TLS",
    PortOpen = "0508" Error "a further port that is open",
    EgressOpen = "0509" Error "an egress that is not cut",
    NetworkPolicyUnenforced = "0510" Error "a NetworkPolicy that nobody enforces",
    CaptureBypassed = "0511" Error "traffic that goes round the proxy",
    ProbeAnswered = "0512" Error "a probe that was not refused",
    FactUnknown = "0513" Error "a fact that is not known",
    PodNotChosen = "0514" Error "a pod that the policy does not choose",
    CaptureUnproven = "0515" Error "a capture that nothing shows",
    CaptureMayBeUndone = "0516" Error "a container that may undo the capture",
    Internal = "0901" Error "a mistake of the compiler",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::str::FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str().eq_ignore_ascii_case(text))
            .ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_unique_and_ascend() {
        let texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(texts.is_sorted_by(|a, b| a < b), "{texts:?}");
    }
}

//! The page of every code: what it means, why it matters, an example and its correction.

use super::Code;

/// Every code and its page, in ascending order.
const PAGES: &[(Code, &str)] = &[
    (Code::InvalidYaml, include_str!("../../../docs/diagnostics/MCP0001.md")),
    (Code::AliasOrTag, include_str!("../../../docs/diagnostics/MCP0002.md")),
    (Code::DuplicateKey, include_str!("../../../docs/diagnostics/MCP0003.md")),
    (Code::UnknownKey, include_str!("../../../docs/diagnostics/MCP0004.md")),
    (Code::MissingKey, include_str!("../../../docs/diagnostics/MCP0005.md")),
    (Code::WrongType, include_str!("../../../docs/diagnostics/MCP0006.md")),
    (Code::UnknownValue, include_str!("../../../docs/diagnostics/MCP0007.md")),
    (Code::UnknownVersion, include_str!("../../../docs/diagnostics/MCP0008.md")),
    (Code::TooLarge, include_str!("../../../docs/diagnostics/MCP0009.md")),
    (Code::Malformed, include_str!("../../../docs/diagnostics/MCP0010.md")),
    (Code::NotOneDocument, include_str!("../../../docs/diagnostics/MCP0011.md")),
    (Code::BrokenImport, include_str!("../../../docs/diagnostics/MCP0012.md")),
    (Code::NotSupportedYet, include_str!("../../../docs/diagnostics/MCP0013.md")),
    (Code::InvalidToolList, include_str!("../../../docs/diagnostics/MCP0014.md")),
    (Code::UnknownCaller, include_str!("../../../docs/diagnostics/MCP0101.md")),
    (Code::UnknownToolGroup, include_str!("../../../docs/diagnostics/MCP0102.md")),
    (Code::UnusedCaller, include_str!("../../../docs/diagnostics/MCP0103.md")),
    (Code::UnusedToolGroup, include_str!("../../../docs/diagnostics/MCP0104.md")),
    (Code::NameDefinedTwice, include_str!("../../../docs/diagnostics/MCP0105.md")),
    (Code::UnmatchedTool, include_str!("../../../docs/diagnostics/MCP0106.md")),
    (Code::UnknownMethod, include_str!("../../../docs/diagnostics/MCP0107.md")),
    (Code::UnknownArgument, include_str!("../../../docs/diagnostics/MCP0108.md")),
    (Code::ArgumentOutsideSchema, include_str!("../../../docs/diagnostics/MCP0109.md")),
    (Code::IndistinctCallers, include_str!("../../../docs/diagnostics/MCP0110.md")),
    (Code::InvalidGlob, include_str!("../../../docs/diagnostics/MCP0201.md")),
    (Code::EscapingResource, include_str!("../../../docs/diagnostics/MCP0202.md")),
    (Code::ShadowedAllow, include_str!("../../../docs/diagnostics/MCP0203.md")),
    (Code::NeverMatches, include_str!("../../../docs/diagnostics/MCP0204.md")),
    (Code::OverBroad, include_str!("../../../docs/diagnostics/MCP0205.md")),
    (Code::UnapprovedMutation, include_str!("../../../docs/diagnostics/MCP0206.md")),
    (Code::RepeatedEntry, include_str!("../../../docs/diagnostics/MCP0207.md")),
    (Code::OpenPathOverlaps, include_str!("../../../docs/diagnostics/MCP0208.md")),
    (Code::EmptyRule, include_str!("../../../docs/diagnostics/MCP0209.md")),
    (Code::NoCallers, include_str!("../../../docs/diagnostics/MCP0210.md")),
    (Code::PointlessApproval, include_str!("../../../docs/diagnostics/MCP0211.md")),
    (Code::ObjectLarge, include_str!("../../../docs/diagnostics/MCP0301.md")),
    (Code::ObjectTooLarge, include_str!("../../../docs/diagnostics/MCP0302.md")),
    (Code::ImageNotPinned, include_str!("../../../docs/diagnostics/MCP0401.md")),
    (Code::PrincipalForm, include_str!("../../../docs/diagnostics/MCP0402.md")),
    (Code::EgressCovered, include_str!("../../../docs/diagnostics/MCP0403.md")),
    (Code::LlmHost, include_str!("../../../docs/diagnostics/MCP0404.md")),
    (Code::EgressWithoutAddress, include_str!("../../../docs/diagnostics/MCP0405.md")),
    (Code::AttachmentUnsupported, include_str!("../../../docs/diagnostics/MCP0406.md")),
    (Code::WorkloadClaimedTwice, include_str!("../../../docs/diagnostics/MCP0407.md")),
    (Code::IdentityIncomplete, include_str!("../../../docs/diagnostics/MCP0408.md")),
    (Code::CallersRequired, include_str!("../../../docs/diagnostics/MCP0409.md")),
    (Code::EgressConflict, include_str!("../../../docs/diagnostics/MCP0410.md")),
    (Code::WeakenedByManifest, include_str!("../../../docs/diagnostics/MCP0411.md")),
    (Code::ServicePortProtocol, include_str!("../../../docs/diagnostics/MCP0412.md")),
    (Code::Internal, include_str!("../../../docs/diagnostics/MCP0901.md")),
];

/// The page of a code, in Markdown: `docs/diagnostics/MCPnnnn.md`.
#[must_use]
pub fn page(code: Code) -> &'static str {
    let page = PAGES.iter().find(|(known, _)| *known == code);
    page.map_or("", |(_, text)| text)
}

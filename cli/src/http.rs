//! The client of every request over HTTP.

use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};

/// A client that waits so long for an answer, and follows so many redirects.
pub(crate) fn agent(patience: Duration, redirects: u32) -> Result<Agent, String> {
    let tls = TlsConfig::builder().root_certs(roots()?).build();
    let config = Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(redirects)
        .user_agent(concat!("mcp-guard/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls);
    Ok(config.build().new_agent())
}

/// The authorities of `SSL_CERT_FILE`, as other tools take them from there; else Mozilla's.
fn roots() -> Result<RootCerts, String> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE") else {
        return Ok(RootCerts::WebPki);
    };
    let unreadable = |error: &dyn std::fmt::Display| format!("SSL_CERT_FILE: {error}");
    let pem = std::fs::read(path).map_err(|error| unreadable(&error))?;
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in ureq::tls::parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| unreadable(&error))? {
            certificates.push(certificate);
        }
    }
    Ok(RootCerts::from(certificates))
}

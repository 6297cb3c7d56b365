//! Certificates as a mesh has them: one authority, a server, and a client known by its SPIFFE identity.

use crate::{Arguments, Failure};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// The name in the server's certificate.
pub const SERVER_NAME: &str = "mcp.example";

/// Who calls; `bench/full.yaml` names the same identity.
const CLIENT_IDENTITY: &str = "spiffe://cluster.local/ns/gateway/sa/ai-gateway";

const SERVER_IDENTITY: &str = "spiffe://cluster.local/ns/ai-agents/sa/mcp-server";

/// Writes `authority.pem`, `server.pem`, `server.key`, `client.pem` and `client.key`.
pub fn write(arguments: &Arguments) -> Result<(), Failure> {
    let directory = arguments.path("directory")?;
    fs::create_dir_all(&directory)?;
    let key = KeyPair::generate()?;
    let mut authority = named("authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    fs::write(
        directory.join("authority.pem"),
        authority.self_signed(&key)?.pem(),
    )?;
    let issuer = Issuer::new(authority, key);

    let mut server = named("server");
    server.subject_alt_names = vec![
        SanType::DnsName(SERVER_NAME.try_into()?),
        SanType::URI(SERVER_IDENTITY.try_into()?),
    ];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    issue(server, &issuer, &directory, "server")?;

    let mut client = named("client");
    client.subject_alt_names = vec![SanType::URI(CLIENT_IDENTITY.try_into()?)];
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    issue(client, &issuer, &directory, "client")
}

/// Names differ, or a leaf would look self-signed.
fn named(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters
        .distinguished_name
        .push(DnType::CommonName, format!("bench {name}"));
    parameters
}

fn issue(
    parameters: CertificateParams,
    issuer: &Issuer<'_, KeyPair>,
    directory: &Path,
    name: &str,
) -> Result<(), Failure> {
    let key = KeyPair::generate()?;
    let certificate = parameters.signed_by(&key, issuer)?;
    fs::write(directory.join(format!("{name}.pem")), certificate.pem())?;
    fs::write(directory.join(format!("{name}.key")), key.serialize_pem())?;
    Ok(())
}

/// The client's side of mutual TLS.
pub fn client(directory: &Path) -> Result<Arc<ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(
        directory.join("authority.pem"),
    )?)?;
    let chain = vec![CertificateDer::from_pem_file(directory.join("client.pem"))?];
    let key = PrivateKeyDer::from_pem_file(directory.join("client.key"))?;
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?;
    Ok(Arc::new(config))
}

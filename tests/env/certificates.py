"""Certificates as a mesh issues them: one authority, leaves named by SPIFFE id. Needs `cryptography`."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .bootstrap import Tls

LIFETIME = datetime.timedelta(days=1)


class Authority:
    """A certificate authority that keeps its files in one directory.

    authority = Authority(tmp_path)
    Envoy(..., tls=authority.server())
    certificate, key = authority.client("spiffe://cluster.local/ns/gateway/sa/ai-gateway")
    """

    def __init__(self, directory: Path):
        self.directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mcp-guard test authority")])
        usage = x509.BasicConstraints(ca=True, path_length=0)
        certificate = self._builder(self._name, self._key).add_extension(usage, critical=True)
        self.certificate = directory / "authority.pem"
        self.certificate.write_bytes(pem(certificate.sign(self._key, hashes.SHA256())))
        self._count = 0

    def server(self) -> Tls:
        """TLS settings of the listener, for 127.0.0.1; every client must have a certificate of ours."""
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        certificate, key = self._issue("server", names)
        return Tls(certificate, key, self.certificate)

    def client(self, spiffe: str) -> tuple[Path, Path]:
        """Certificate and key files of a workload; `spiffe` is the whole URI."""
        return self._issue("client", [x509.UniformResourceIdentifier(spiffe)])

    def _issue(self, role: str, names: list[x509.GeneralName]) -> tuple[Path, Path]:
        self._count += 1
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName(names)
        builder = self._builder(x509.Name([]), key).add_extension(alternative, critical=True)
        certificate_file = self.directory / f"{role}-{self._count}.pem"
        key_file = self.directory / f"{role}-{self._count}.key"
        certificate_file.write_bytes(pem(builder.sign(self._key, hashes.SHA256())))
        key_file.write_bytes(private_pem(key))
        return certificate_file, key_file

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + LIFETIME)
        )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

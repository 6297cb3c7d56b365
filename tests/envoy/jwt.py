"""Tokens of an identity provider, and jwt_authn as Istio configures it for a RequestAuthentication.

Istio puts the verified payload under the key `payload` of jwt_authn's metadata, splits the claims
`scope` and `permission` at spaces, keeps the token from the server, and lets a request without a
token pass.
"""

import base64
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

KIND = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"


class Issuer:
    """A key that signs for every issuer which a test names."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def token(self, claims: dict) -> str:
        """A signed token (RFC 7515, ES256)."""
        header = {"alg": "ES256", "typ": "JWT", "kid": "test"}
        signed = f"{encoded_json(header)}.{encoded_json(claims)}"
        der = self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        return f"{signed}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def filters(self, issuers: tuple[str, ...]) -> list[dict]:
        """The HTTP filters that verify tokens of these issuers."""
        if not issuers:
            return []
        providers = {f"origins-{index}": self._provider(issuer) for index, issuer in enumerate(issuers)}
        names = [{"provider_name": name} for name in providers]
        requires = {"requires_any": {"requirements": [*names, {"allow_missing": {}}]}}
        config = {
            "@type": KIND,
            "providers": providers,
            "rules": [{"match": {"prefix": "/"}, "requires": requires}],
            "bypass_cors_preflight": True,
        }
        return [{"name": "envoy.filters.http.jwt_authn", "typed_config": config}]

    def jwks(self) -> str:
        """Its key set (RFC 7517)."""
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "kid": "test",
            "x": encoded(numbers.x.to_bytes(32, "big")),
            "y": encoded(numbers.y.to_bytes(32, "big")),
        }
        return json.dumps({"keys": [key]})

    def _provider(self, issuer: str) -> dict:
        return {
            "issuer": issuer,
            "local_jwks": {"inline_string": self.jwks()},
            "payload_in_metadata": "payload",
            "normalize_payload_in_metadata": {"space_delimited_claims": ["scope", "permission"]},
            "forward": False,
        }


def encoded_json(value: dict) -> str:
    return encoded(json.dumps(value).encode())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

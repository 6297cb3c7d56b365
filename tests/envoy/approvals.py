"""Approvals, signed as an approval desk would, without any code of the product."""

import base64
import hashlib
import itertools
import json
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .messages import Request

HEADER = "x-mcp-guard-approval"
META = "dev.mcp-guard/approval"
_numbers = itertools.count()


class Desk:
    """An issuer with a key of its own."""

    def __init__(self, issuer: str = "approval-desk", kid: str = "k1"):
        self._key = Ed25519PrivateKey.generate()
        self.issuer, self.kid = issuer, kid

    def jwk(self) -> dict:
        """The public key."""
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kid": self.kid, "kty": "OKP", "crv": "Ed25519", "x": base64url(public)}

    def approve(self, details: dict, **changes: object) -> str:
        """An approval of what a refusal says has to be approved. `changes` are claims; times are seconds from now."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "jti": f"{now}-{next(_numbers)}",
            "aud": details["server"],
            "approver": "approver@example.com",
            "caller": details["caller"],
            "user": details["user"],
            "tool": details["tool"],
            "arguments": details["arguments"],
            "policy": details["policy"],
            **{claim: now + changes.pop(claim, default) for claim, default in TIMES.items()},
            **changes,
        }
        header = {"alg": "EdDSA", "kid": self.kid, "typ": "mcp-approval+jwt"}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{base64url(self._key.sign(signed.encode()))}"


TIMES = {"iat": 0, "nbf": 0, "exp": 50}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(arguments: dict) -> str:
    """SHA-256 of arguments in canonical form, for arguments of plain strings (RFC 8785)."""
    text = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return base64url(hashlib.sha256(text.encode()).digest())


def details(body: bytes) -> dict:
    """What a refusal says has to be approved, in whichever form it came."""
    message = json.loads(body)
    if "error" in message:
        return message["error"]["data"][META]
    return message["result"]["_meta"][META]


def with_approval(request: Request, token: str) -> Request:
    return request.with_headers((HEADER, token.encode()))

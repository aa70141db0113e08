"""Digest files for tests: signed as CloudTrail signs them, by a key of the test's own."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FINGERPRINT = "31e8b5433410dfb61a9dc45cc65b22ff"


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """Return the key that stands for CloudTrail's."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key() -> bytes:
    """Return its public half as CloudTrail gives it."""
    return signing_key().public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


@dataclass(frozen=True)
class SignedDigest:
    """A digest file with its signature, and what the next one says of it."""

    key: str
    content: bytes
    signature: str
    sha256: str


def signed_digest(
    key: str,
    *,
    bucket: str,
    logs: dict[str, bytes],
    before: SignedDigest | None = None,
    **members: Any,
) -> SignedDigest:
    """Return the digest of some log files, `logs` by key with their packed bytes."""
    digest = {
        "digestEndTime": "2026-05-04T13:00:00Z",
        "digestS3Bucket": bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": FINGERPRINT,
        "digestSignatureAlgorithm": "SHA256withRSA",
        "previousDigestS3Object": before.key if before else None,
        "previousDigestSignature": before.signature if before else None,
        "previousDigestHashValue": before.sha256 if before else None,
        "logFiles": [
            {
                "s3Bucket": bucket,
                "s3Object": name,
                "hashAlgorithm": "SHA-256",
                "hashValue": sha256(gzip.decompress(content)).hexdigest(),
            }
            for name, content in logs.items()
        ],
        **members,
    }
    text = json.dumps(digest).encode()
    hashed = sha256(text).hexdigest()
    signed = "\n".join(
        (
            digest["digestEndTime"],
            f"{digest['digestS3Bucket']}/{digest['digestS3Object']}",
            hashed,
            digest["previousDigestSignature"] or "null",
        )
    )
    signature = signing_key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
    return SignedDigest(key, gzip.compress(text), signature, hashed)

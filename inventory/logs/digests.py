"""CloudTrail's digest files: what they say of log files, and whether CloudTrail signed it.

Pure: bytes and keys in, a verdict out. A digest names the log files that were delivered in an hour,
each with the SHA-256 of its text, and the digest before it. CloudTrail signs it by a key of its
region.

Source: CloudTrail user guide, "CloudTrail digest file structure", "Custom implementations of
CloudTrail log file integrity validation".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from inventory.cloudtrail.decoding import unpack

_ALGORITHM: Final = "SHA256withRSA"
_HASH: Final = "SHA-256"

KeyOf = Callable[[str], bytes | None]
"""The public key of a fingerprint, DER (PKCS #1); None: CloudTrail names none."""


class DigestNotValid(Exception):
    """A digest file is not what CloudTrail wrote; the message says why, without naming its key."""


@dataclass(frozen=True, slots=True)
class DigestFile:
    """A digest file as it is in the bucket. `signature`: of its metadata, in hex; '' for none."""

    key: str
    content: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class DigestedLog:
    """A log file that a digest names. `sha256`: of its text, in hex."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ReadDigest:
    """What a valid digest says. `previous_key` is empty for the first of a trail."""

    key: str
    signature: str
    sha256: str
    logs: tuple[DigestedLog, ...]
    previous_key: str
    previous_signature: str
    previous_sha256: str


def read_digest(digest: DigestFile, *, bucket: str, key_of: KeyOf) -> ReadDigest:
    """Return what a digest says, once CloudTrail's signature of it holds.

    :raises DigestNotValid: it is broken, was moved, or is not signed by CloudTrail.
    :raises KeyError: CloudTrail names no public key of its fingerprint.
    """
    text, problem = unpack(digest.content)
    if problem:
        raise DigestNotValid(problem)
    try:
        members: Any = json.loads(text)
        logs = tuple(_log(each, bucket) for each in members["logFiles"])
        read = ReadDigest(
            key=digest.key,
            signature=digest.signature,
            sha256=sha256(text).hexdigest(),
            logs=logs,
            previous_key=members.get("previousDigestS3Object") or "",
            previous_signature=members.get("previousDigestSignature") or "",
            previous_sha256=members.get("previousDigestHashValue") or "",
        )
        signed = "\n".join(
            (
                members["digestEndTime"],
                f"{members['digestS3Bucket']}/{members['digestS3Object']}",
                read.sha256,
                members.get("previousDigestSignature") or "null",
            )
        )
        fingerprint = str(members["digestPublicKeyFingerprint"])
        place = members["digestS3Bucket"], members["digestS3Object"]
        algorithm = members["digestSignatureAlgorithm"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DigestNotValid(f"a member is missing or odd: {error}") from error
    if place != (bucket, digest.key):
        raise DigestNotValid("it was written for another place")
    if algorithm != _ALGORITHM:
        raise DigestNotValid(f"it is signed by {algorithm}")
    public_key = key_of(fingerprint)
    if public_key is None:
        raise KeyError(fingerprint)
    _verify(public_key, digest.signature, signed.encode())
    return read


def _log(member: Any, bucket: str) -> DigestedLog:
    if member["s3Bucket"] != bucket:
        raise ValueError("a log file of another bucket")
    if member["hashAlgorithm"] != _HASH:
        raise ValueError(f"a hash by {member['hashAlgorithm']}")
    return DigestedLog(str(member["s3Object"]), str(member["hashValue"]).lower())


def _verify(public_key: bytes, signature: str, signed: bytes) -> None:
    try:
        key = load_der_public_key(public_key)
        if not isinstance(key, rsa.RSAPublicKey):
            raise DigestNotValid("CloudTrail's key is not an RSA key")
        key.verify(bytes.fromhex(signature), signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError) as error:
        raise DigestNotValid("CloudTrail did not sign it as it is") from error


def broken_link(digests: Sequence[ReadDigest]) -> str:
    """Return the key of the first digest that does not follow the one before it; '' if all do."""
    for before, after in pairwise(digests):
        link = after.previous_key, after.previous_signature, after.previous_sha256
        if link != (before.key, before.signature, before.sha256):
            return after.key
    return ""

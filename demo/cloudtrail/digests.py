"""Digest files of the last days, as CloudTrail's log file validation writes and signs them.

One of each account, region and day; CloudTrail itself writes one an hour. The key is made when the
simulator starts, and CloudTrail's own answer, ListPublicKeys, names it.

Source: CloudTrail user guide, "CloudTrail digest file structure".
"""

import gzip
import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from isal import igzip

from demo.cloudtrail.log_files import LogObject

DAYS: Final = 7
"""So many days before the seeding validation was switched on."""
_BITS: Final = 2048


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


@dataclass(frozen=True, slots=True)
class DigestWriter:
    """Writes the digests of a trail by its name, in its bucket, for its home region."""

    bucket: str
    trail: str
    home_region: str
    key: rsa.RSAPrivateKey = field(default_factory=_new_key)

    def digests(self, logs: Iterable[LogObject], *, seeded_at: datetime) -> list[LogObject]:
        """Return the digests of the last whole days, each day's after the one before it."""
        last = seeded_at.date() - timedelta(days=1)
        first = last - timedelta(days=DAYS - 1)
        places: dict[tuple[str, ...], dict[str, list[LogObject]]] = defaultdict(dict)
        for each in logs:
            *root, account_id, _, region, year, month, day, _ = each.key.split("/")
            if first.isoformat() <= f"{year}-{month}-{day}" <= last.isoformat():
                of_place = places[(*root, account_id, region)]
                of_place.setdefault(f"{year}/{month}/{day}", []).append(each)
        made = []
        for (*root, account_id, region), days in places.items():
            previous: dict[str, Any] = {}
            for day, objects in sorted(days.items()):
                key = self._key("/".join(root), account_id, region, day)
                digest, previous = self._digest(key, account_id, day, objects, previous)
                made.append(digest)
        return made

    def public_keys(self) -> dict[str, Any]:
        """Return the answer of ListPublicKeys."""
        now = datetime.now(UTC)
        return {
            "PublicKeyList": [
                {
                    "Value": b64encode(self._public_key()).decode(),
                    "ValidityStartTime": (now - timedelta(days=400)).timestamp(),
                    "ValidityEndTime": (now + timedelta(days=400)).timestamp(),
                    "Fingerprint": self._fingerprint(),
                }
            ]
        }

    def _public_key(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)

    def _fingerprint(self) -> str:
        return sha1(self._public_key(), usedforsecurity=False).hexdigest()

    def _key(self, root: str, account_id: str, region: str, day: str) -> str:
        ends_at = _ends_at(day)
        name = (
            f"{account_id}_CloudTrail-Digest_{region}_{self.trail}_{self.home_region}_"
            f"{ends_at:%Y%m%dT%H%M%SZ}.json.gz"
        )
        return f"{root}/{account_id}/CloudTrail-Digest/{region}/{day}/{name}"

    def _digest(
        self,
        key: str,
        account_id: str,
        day: str,
        logs: list[LogObject],
        previous: dict[str, Any],
    ) -> tuple[LogObject, dict[str, Any]]:
        """Return a digest, and what the next one says of it."""
        ends_at = _ends_at(day)
        members = {
            "awsAccountId": account_id,
            "digestStartTime": f"{ends_at - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
            "digestEndTime": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}",
            "digestS3Bucket": self.bucket,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": self._fingerprint(),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "previousDigestS3Bucket": self.bucket if previous else None,
            "previousDigestS3Object": None,
            "previousDigestHashValue": None,
            "previousDigestHashAlgorithm": "SHA-256",
            "previousDigestSignature": None,
            **previous,
            "logFiles": [
                {
                    "s3Bucket": self.bucket,
                    "s3Object": each.key,
                    "hashValue": sha256(gzip.decompress(each.body)).hexdigest(),
                    "hashAlgorithm": "SHA-256",
                }
                for each in logs
            ],
        }
        text = json.dumps(members, separators=(",", ":")).encode()
        hashed = sha256(text).hexdigest()
        signed = "\n".join(
            (
                str(members["digestEndTime"]),
                f"{self.bucket}/{key}",
                hashed,
                str(members["previousDigestSignature"] or "null"),
            )
        )
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
        body = igzip.compress(text, compresslevel=1, mtime=int(ends_at.timestamp()))
        told = {
            "previousDigestS3Object": key,
            "previousDigestHashValue": hashed,
            "previousDigestSignature": signature,
        }
        return LogObject(key, ends_at, body, signature), told


def _ends_at(day: str) -> datetime:
    return datetime.strptime(day, "%Y/%m/%d").replace(tzinfo=UTC) + timedelta(days=1)

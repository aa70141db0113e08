"""Ed25519 keys of checkpoints, in the forms of signed notes (https://c2sp.org/signed-note)."""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_PUBLIC_BYTES: Final = 32


class SigningKeyMissing(Exception):
    """This process has no key to sign checkpoints with; the message says what to do."""


class PublicKeyInvalid(ValueError):
    """A text is no public key of signed notes."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key under its name, with which signatures of notes are verified."""

    name: str
    raw: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that lead a signature by this key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        """Return name, key id and key, as verifiers take it: `name+1a2b3c4d+base64`."""
        encoded = base64.b64encode(_ED25519 + self.raw).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """Return the key that `str` of it wrote.

        :raises PublicKeyInvalid: it is none, or its id is not its own.
        """
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise PublicKeyInvalid("a public key has the form name+id+base64") from None
        found = cls(name, raw[1:])
        if not name or raw[:1] != _ED25519 or len(found.raw) != _PUBLIC_BYTES:
            raise PublicKeyInvalid("the public key is not an Ed25519 key")
        if found.key_id.hex() != key_id:
            raise PublicKeyInvalid("the public key's id is not that of its bytes")
        return found

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether the key's owner signed `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that checkpoints are signed with, and its public half."""

    private: Ed25519PrivateKey
    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        """Return the signature of 64 bytes."""
        return self.private.sign(message)


def signing_key(file_name: str = "") -> SigningKey:
    """Read the key from a file, that which the setting names unless another is given.

    :raises SigningKeyMissing: no file is named, or it holds no Ed25519 key.
    """
    name = file_name or settings.AUDIT_SIGNING_KEY_FILE
    if not name:
        raise SigningKeyMissing(
            "this process signs no checkpoints: ORGWARDEN_AUDIT_SIGNING_KEY_FILE names no file"
        )
    try:
        private = serialization.load_pem_private_key(Path(name).read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyMissing(
            f"{name} cannot be read as a private key in PEM: {type(error).__name__}"
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningKeyMissing(f"{name} holds another kind of key than Ed25519")
    return SigningKey(
        private, PublicKey(settings.AUDIT_ORIGIN, private.public_key().public_bytes_raw())
    )


def new_key_pem() -> bytes:
    """Make a new private key, as `openssl genpkey -algorithm ed25519` would."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

"""Checkpoints: what the tree was at a time, signed, each naming the one before it by its hash.

A checkpoint is a signed note (https://c2sp.org/tlog-checkpoint): origin, size and root, then three
lines of our own (`number`, `made`, `previous`), an empty line and the signature.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from governance.audit.canonical import utc_text
from governance.audit.signing import PublicKey, SigningKey

NO_PREVIOUS: Final = "0" * 64
_DASH: Final = "\u2014"
_ROOT_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 4 + 64


class CheckpointInvalid(ValueError):
    """A text is no checkpoint, or not signed by the key; the message says which."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says. `previous`: SHA-256 of the note before it, in hex."""

    origin: str
    tree_size: int
    root_hash: bytes
    number: int
    made_at: datetime
    previous: str

    @property
    def body(self) -> str:
        """Return the lines that are signed."""
        root = base64.b64encode(self.root_hash).decode()
        return (
            f"{self.origin}\n{self.tree_size}\n{root}\n"
            f"number {self.number}\nmade {utc_text(self.made_at)}\nprevious {self.previous}\n"
        )


def note_digest(note: str) -> str:
    """Return the SHA-256 of a note in hex, by which the next one names it."""
    return sha256(note.encode()).hexdigest()


def signed_note(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return the note: the checkpoint's lines, an empty line, and the signature."""
    signature = key.public.key_id + key.sign(checkpoint.body.encode())
    encoded = base64.b64encode(signature).decode()
    return f"{checkpoint.body}\n{_DASH} {key.public.name} {encoded}\n"


def parse_note(note: str) -> Checkpoint:
    """Return what a note says, whoever signed it.

    :raises CheckpointInvalid: it is no checkpoint.
    """
    body, _, _ = note.partition("\n\n")
    try:
        origin, size, root, number, made, previous = body.split("\n")
        found = Checkpoint(
            origin=origin,
            tree_size=int(size),
            root_hash=base64.b64decode(root, validate=True),
            number=int(_value("number", number)),
            made_at=datetime.fromisoformat(_value("made", made)),
            previous=_value("previous", previous),
        )
    except (ValueError, binascii.Error) as error:
        raise CheckpointInvalid(f"it is not a checkpoint of Orgwarden: {error}") from None
    if found.body != f"{body}\n" or len(found.root_hash) != _ROOT_BYTES:
        raise CheckpointInvalid("it is not written as checkpoints are")
    return found


def verified_note(note: str, keys: list[PublicKey]) -> Checkpoint:
    """Return what a note says if one of the keys signed it.

    :raises CheckpointInvalid: it is no checkpoint, or none of the keys signed it.
    """
    found = parse_note(note)
    _, _, signatures = note.partition("\n\n")
    for line in signatures.splitlines():
        for key in keys:
            signature = _signature(line, key)
            if signature is not None and key.verifies(signature, found.body.encode()):
                return found
    raise CheckpointInvalid(f"checkpoint {found.number} is not signed by a key that is trusted")


def _signature(line: str, key: PublicKey) -> bytes | None:
    """Return the signature in a line of a note, if it says that this key made it."""
    words = line.split(" ")
    if len(words) != 3 or words[0] != _DASH or words[1] != key.name:
        return None
    try:
        signature = base64.b64decode(words[2], validate=True)
    except binascii.Error:
        return None
    if len(signature) != _SIGNATURE_BYTES or signature[:4] != key.key_id:
        return None
    return signature[4:]


def _value(name: str, line: str) -> str:
    before, _, value = line.partition(" ")
    if before != name:
        raise ValueError(f"the line {name} is missing")
    return value

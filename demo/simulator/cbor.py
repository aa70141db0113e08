"""The part of CBOR (RFC 8949) that AWS's RPC v2 answers of the simulator need."""

from typing import Any


def encode(value: Any) -> bytes:
    """Return text, whole numbers, booleans, lists and maps as CBOR.

    :raises TypeError: any other type.
    """
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, dict):
        entries = b"".join(encode(key) + encode(item) for key, item in value.items())
        return _head(5, len(value)) + entries
    raise TypeError(f"no CBOR for {type(value).__name__}")


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for additional, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | additional]) + number.to_bytes(size, "big")
    raise TypeError("a number of more than 64 bits")

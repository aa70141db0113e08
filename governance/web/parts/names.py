"""Long names shown short where their beginning says nothing new."""

from collections.abc import Iterable

_BOUNDARIES = " -_./"
_SHORTEST_PREFIX = 4


def common_prefix(names: Iterable[str]) -> str:
    """Return what all names begin with, up to the end of a word; empty for fewer than two."""
    unique = sorted(set(names))
    if len(unique) < 2:
        return ""
    first, last = unique[0], unique[-1]
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    while length and first[length - 1] not in _BOUNDARIES:
        length -= 1
    return first[:length] if length >= _SHORTEST_PREFIX else ""


def short_name(name: str, *, parent_name: str = "", siblings_prefix: str = "") -> str:
    """Return `…rest` where the name repeats its parent's or all its siblings' beginning.

    The longer of the two beginnings is cut. The name stays whole where nothing would be left.
    """
    cut = 0
    for prefix in (parent_name, siblings_prefix):
        if len(prefix) < _SHORTEST_PREFIX or not name.casefold().startswith(prefix.casefold()):
            continue
        rest = name[len(prefix) :]
        ends_a_word = prefix[-1] in _BOUNDARIES or rest[:1] in _BOUNDARIES
        if ends_a_word and rest.strip(_BOUNDARIES):
            cut = max(cut, len(prefix))
    return f"…{name[cut:].lstrip(_BOUNDARIES)}" if cut else name


def both_ends(text: str, *, head: int = 15, tail: int = 4) -> str:
    """Shorten a digest in its middle, `sha256:4be1a96f…c07d`; short texts stay whole."""
    return text if len(text) <= head + tail + 1 else f"{text[:head]}…{text[-tail:]}"

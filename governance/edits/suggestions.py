"""The word that was probably meant, for messages about words that are not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return `; did you mean …?` to append to a message; empty where no known word is alike.

    `cutoff`: how much alike, from 0 to 1.
    """
    near = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"; did you mean {near[0]}?" if near else ""


def meant_or_listed(word: str, known: Iterable[str], listed: str) -> str:
    """Return `did you mean …?`, else all known words after `listed`, such as `choose one of`."""
    listing = list(known)
    near = get_close_matches(word, listing, n=1)
    return f"did you mean {near[0]}?" if near else f"{listed} {', '.join(listing)}"

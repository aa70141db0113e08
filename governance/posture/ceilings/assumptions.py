"""What a ceiling takes for given, as it stands in an address, in words and for the engine.

In an address each term is a value of `assume`: `aws:RequestedRegion=eu-west-1` (a key has a
value), `!aws:SourceVpce` (a key is absent), `principal!=root` and `principal=role` (who calls),
`principal=ordinary-role` (a role that no policy names), or `nothing` alone. Without any the usual
ones hold.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies import ABSENT, ContextValue, load_catalogue
from policies.ceiling import Assumptions, BadAssumption
from policies.comparison.domains import PRINCIPAL_KINDS
from policies.context_keys import condition_key, spelled

NOTHING: Final = "nothing"
NOT_ROOT: Final = "principal!=root"
ORDINARY_ROLE: Final = "principal=ordinary-role"
# Of no account and with a name that nobody gives: only patterns that mean any role match it.
_ORDINARY_ARN: Final = "arn:aws:iam::000000000000:role/ordinary-role"
_KINDS_OF: Final = {ORDINARY_ROLE: "role"}
_ARN_KEY: Final = "aws:principalarn"
_PRINCIPAL: Final = "principal="
_KEY: Final = re.compile(r"[A-Za-z0-9._/-]+:[\w.:/+@${}-]+(?:/.+)?")
_MOST_TERMS: Final = 20
_LONGEST: Final = 512
_KIND_WORDS: Final = {
    "role": "Principal is a role",
    "user": "Principal is an IAM user",
    "root": "Principal is the root user",
    "federated-user": "Principal is a federated user",
}


@dataclass(frozen=True, slots=True)
class CeilingAssumptions:
    """`terms` as in an address, none twice; empty where nothing is assumed."""

    terms: tuple[str, ...]

    @property
    def engine(self) -> Assumptions:
        """The assumptions as the engine takes them; equal ones are one object."""
        return _engine(self)

    def without(self, term: str) -> tuple[str, ...]:
        """Return the values of `assume` that leave one term out."""
        return tuple(other for other in self.terms if other != term) or (NOTHING,)

    def address(self) -> tuple[str, ...]:
        """Return the values of `assume` that say the same."""
        return self.terms or (NOTHING,)


def usual_terms(region: str) -> tuple[str, ...]:
    """Return what is assumed of single principals: a region, and not the root user."""
    return (f"aws:RequestedRegion={region}", NOT_ROOT)


def read_assumed(given: Sequence[str], *, usual: tuple[str, ...]) -> CeilingAssumptions:
    """Read the values of `assume`. `usual`: the terms that hold where none is given.

    :raises BadAssumption: a term that says nothing, or two that contradict each other.
    """
    terms = tuple(dict.fromkeys(term.strip() for term in given if term.strip()))
    if not terms:
        return CeilingAssumptions(usual)
    if NOTHING in terms:
        if len(terms) > 1:
            raise BadAssumption(f"{NOTHING!r} stands alone; leave it out, or the others")
        return CeilingAssumptions(())
    if len(terms) > _MOST_TERMS:
        raise BadAssumption(f"at most {_MOST_TERMS} assumptions can be made at once")
    assumed = CeilingAssumptions(tuple(dict.fromkeys(_spelled(term) for term in terms)))
    _engine(assumed)
    return assumed


def in_words(term: str) -> str:
    """Return a term as people read it: `aws:RequestedRegion = eu-west-1`."""
    if term == NOT_ROOT:
        return "Principal is not root"
    if term == ORDINARY_ROLE:
        return "Principal is a role that no exemption names"
    if term.startswith(_PRINCIPAL):
        return _KIND_WORDS[term.removeprefix(_PRINCIPAL)]
    if term.startswith("!"):
        return f"{term[1:]} is absent"
    key, _, value = term.partition("=")
    return f"{key} = {value}"


def _spelled(term: str) -> str:
    """Return a term in its one form, its key as AWS spells it.

    :raises BadAssumption: it says nothing.
    """
    if len(term) > _LONGEST:
        raise BadAssumption(f"an assumption has at most {_LONGEST} characters")
    if term in (NOT_ROOT, ORDINARY_ROLE):
        return term
    if term.startswith(_PRINCIPAL):
        if term.removeprefix(_PRINCIPAL) not in PRINCIPAL_KINDS:
            kinds = ", ".join((*PRINCIPAL_KINDS, ORDINARY_ROLE.removeprefix(_PRINCIPAL)))
            raise BadAssumption(f"{term!r}: a principal is one of {kinds}")
        return term
    absent = term.startswith("!")
    key, equals, value = term[1:].partition("=") if absent else term.partition("=")
    if not _KEY.fullmatch(key) or bool(equals) is absent or (not absent and not value):
        raise BadAssumption(
            f"{term!r} is not an assumption; write a condition key and its value, such as "
            "aws:RequestedRegion=eu-west-1, or !aws:SourceVpce for a key that is absent"
        )
    name = spelled(load_catalogue(), key)
    return f"!{name}" if absent else f"{name}={value}"


def _assume_ordinary(values: dict[str, ContextValue], kinds: Sequence[str]) -> None:
    """Give the caller the ARN of a role that no policy names.

    :raises BadAssumption: something else is assumed of the caller, too.
    """
    if kinds != ["role"] or _ARN_KEY in values:
        raise BadAssumption(f"{ORDINARY_ROLE!r} says who calls: leave it out, or the others")
    values[_ARN_KEY] = _ORDINARY_ARN


@lru_cache(maxsize=256)
def _engine(assumed: CeilingAssumptions) -> Assumptions:
    catalogue = load_catalogue()
    values: dict[str, ContextValue] = {}
    kinds: list[str] = []
    not_root = False
    for term in assumed.terms:
        if term == NOT_ROOT:
            not_root = True
        elif term.startswith(_PRINCIPAL):
            kinds.append(_KINDS_OF.get(term, term.removeprefix(_PRINCIPAL)))
        elif term.startswith("!"):
            key = term[1:].lower()
            if key in values:
                raise BadAssumption(f"{term[1:]} cannot be absent and have a value")
            values[key] = ABSENT
        else:
            name, _, value = term.partition("=")
            key = name.lower()
            known = condition_key(catalogue, key)
            if known is not None and known.is_multivalued:
                held = values.get(key, ())
                if not isinstance(held, tuple):
                    raise BadAssumption(f"{name} cannot be absent and have a value")
                values[key] = (*held, value)
            elif key in values:
                raise BadAssumption(f"{name} holds one value; it is assumed to have two")
            else:
                values[key] = value
    chosen = [kind for kind in kinds or PRINCIPAL_KINDS if not (not_root and kind == "root")]
    if not chosen:
        raise BadAssumption("the principal cannot be the root user and not be it")
    if ORDINARY_ROLE in assumed.terms:
        _assume_ordinary(values, chosen)
    narrowed = bool(kinds) or not_root
    return Assumptions(values, tuple(chosen) if narrowed else None)

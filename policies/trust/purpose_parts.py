"""What the purposes of guards are made of: the conditions asked about, and sets of values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from policies.compiled import CompiledCondition
from policies.language.document import Operator
from policies.language.patterns import Glob, Literal, Piece, Wild
from policies.trust.admitted import compiled_condition, leading_text, patterns
from policies.trust.edges import TrustPrincipal
from policies.trust.guard_keys import MULTIVALUED


@dataclass(frozen=True, slots=True)
class GuardSurroundings:
    """What else stands around a condition.

    `fixes_caller`: the principal, or another guard, fixes the caller's account or organization;
    `is_own_caller`: it is the resource's account or an account of its organization.
    `fixes_network`: another guard fixes the VPC or endpoint.
    `fixes_source`: another guard fixes whose resource an AWS service acts for. `fixes_tenant`:
    the provider serves one tenant, or another guard fixes which.
    """

    fixes_caller: bool = False
    is_own_caller: bool = False
    fixes_source: bool = False
    fixes_tenant: bool = False
    fixes_network: bool = False


@dataclass(frozen=True, slots=True)
class GuardPurpose:
    """What the conditions on a key are for.

    A value lies within if one of `within` holds for it. `domain`, `barred`: see `AdmittedValues`.
    `names`: what is named, for a sentence; `noun`: what such a name is. `never`: why no condition
    on this key can tie down who comes in; None: it can. `others`: what lies outside, in the
    plural; `seeds`: likely values there. `holds_arns`: of resources, whose
    last part may hold a `*` that is no wildcard.
    """

    within: tuple[CompiledCondition, ...] = ()
    names: tuple[str, ...] = ()
    noun: str = "value"
    domain: tuple[Glob, ...] = ()
    barred: tuple[Glob, ...] = ()
    is_list: bool = False
    holds_arns: bool = False
    seeds: tuple[str, ...] = ()
    never: str | None = None
    others: str = "others"


Conditions = Sequence[CompiledCondition]


@dataclass(frozen=True, slots=True)
class AskedGuard:
    """The conditions on one key, whose they are and what stands around them."""

    key: str
    conditions: Conditions
    principal: TrustPrincipal
    surroundings: GuardSurroundings

    def patterns(self) -> Iterator[tuple[Glob, CompiledCondition]]:
        """Yield each positive value as a pattern, with its condition."""
        for condition in self.conditions:
            for glob in patterns(condition):
                yield glob, condition

    def literals(self) -> list[str]:
        """Return the values without wildcards, in order."""
        found = [glob.literal for glob, _ in self.patterns()]
        return list(dict.fromkeys(text for text in found if text))

    def texts(self) -> Iterator[str]:
        """Yield the values of positive conditions as written, wildcards too."""
        for condition in self.conditions:
            if not condition.negated and condition.operator is not Operator.NULL:
                yield from condition.values


def exact_texts(asked: AskedGuard, texts: Iterable[str]) -> tuple[CompiledCondition, ...]:
    """Return the conditions that hold for some texts, in any case where one ignores case."""
    ignores = any(c.operator is Operator.STRING_EQUALS_IGNORE_CASE for c in asked.conditions)
    operator = Operator.STRING_EQUALS_IGNORE_CASE if ignores else Operator.STRING_EQUALS
    values = tuple((Literal(text),) for text in texts)
    return (compiled_condition(asked.key, operator, values),) if values else ()


def named_texts(noun: str, others: str) -> Callable[[AskedGuard], GuardPurpose]:
    """Return the purpose "the values written out", for keys whose values are ids."""

    def make(asked: AskedGuard) -> GuardPurpose:
        names = asked.literals()
        return GuardPurpose(
            exact_texts(asked, names),
            tuple(names),
            noun,
            is_list=asked.key in MULTIVALUED or asked.key.endswith(":amr"),
            others=others,
        )

    return make


def written_patterns(asked: AskedGuard, noun: str) -> GuardPurpose:
    """Return the purpose "what the values write", wildcards too, if they begin with some text."""
    within = [
        compiled_condition(asked.key, condition.operator, (pattern_pieces(glob),))
        if condition.operator is not Operator.STRING_EQUALS_IGNORE_CASE
        else condition
        for glob, condition in asked.patterns()
        if leading_text(glob)
    ]
    return GuardPurpose(tuple(within), tuple(asked.texts()), noun, is_list=asked.key in MULTIVALUED)


def pattern_pieces(glob: Glob) -> tuple[Piece, ...]:
    """Return a pattern as pieces of text and wildcards."""
    return tuple(
        Literal(token)
        if isinstance(token, str)
        else ("*" if token in (Wild.ANY, Wild.PART) else "?")
        for token in glob.tokens
    )

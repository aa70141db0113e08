"""Policies → fewer and shorter ones with the same meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from policies.compiled import Compiler, default_compiler
from policies.coverage import covers, pattern_covers
from policies.language.document import PolicyDocument, Severity, Statement
from policies.language.parse import parse_policy
from policies.language.policy_types import (
    MANAGEMENT_POLICY_TYPES,
    PolicyLimits,
    PolicyType,
    policy_limits,
    policy_size,
)
from policies.packing.action_lists import short_actions
from policies.packing.drafts import Draft, draft_of, halves, merged, policy_text
from policies.packing.proof import EqualityProof, prove_equal

_ONE_POLICY: Final = MANAGEMENT_POLICY_TYPES | {
    PolicyType.PERMISSION_BOUNDARY,
    PolicyType.SESSION_POLICY,
    PolicyType.RESOURCE_POLICY,
    PolicyType.TRUST_POLICY,
    PolicyType.VPC_ENDPOINT_POLICY,
}
"""Types of which one place holds one policy, or whose policies inherit one by one."""


class CannotPack(ValueError):
    """The policies cannot be packed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PackSettings:
    """`exact`: make no wildcard that the policies did not have, so that actions which AWS adds
    later are decided as before. `keep_sids`: keep the Sid of every statement that stays whole.
    `characters` and `slots` replace AWS's limits of the day `limits_on` (None: the latest known).
    """

    exact: bool = False
    keep_sids: bool = False
    characters: int | None = None
    slots: int | None = None
    limits_on: date | None = None


AS_AWS_ALLOWS: Final = PackSettings()


@dataclass(frozen=True, slots=True)
class PackedPolicies:
    """Minified policies with the same meaning; sizes are the characters that AWS counts.

    `new_wildcards` are patterns that the policies did not have: they match the same actions of
    today's catalogue, and will match what AWS adds later. `future_actions` says so in a sentence,
    None if there are none. `changed`: whether any text differs from what was given.
    """

    policies: tuple[str, ...]
    characters_before: int
    characters_after: int
    policies_before: int
    policies_after: int
    new_wildcards: tuple[str, ...]
    future_actions: str | None
    proof: EqualityProof
    changed: bool


def pack_policies(
    texts: Sequence[str],
    policy_type: PolicyType,
    *,
    settings: PackSettings = AS_AWS_ALLOWS,
    compiler: Compiler | None = None,
) -> PackedPolicies:
    """Pack the policies of one type that are attached to one place.

    :raises CannotPack: a policy is malformed, a statement is larger than a policy may be, the
        result needs more slots than there are, or that the meaning stays was not proven.
    """
    if not texts:
        raise CannotPack("there is no policy to pack")
    if len(texts) > 1 and policy_type in _ONE_POLICY:
        raise CannotPack(
            f"policies of type {policy_type} do not add up to one; pack each of them alone"
        )
    limits = _limits(policy_type, settings)
    before = sum(policy_size(text, limits) for text in texts)
    wildcards: tuple[str, ...]
    if policy_type in MANAGEMENT_POLICY_TYPES:
        packed, wildcards, proof = _minified(texts[0], policy_type), (), _SAME_SETTINGS
        _check_fits(packed, limits)
    else:
        compiler = compiler or default_compiler()
        documents = [_document(text, policy_type, at) for at, text in enumerate(texts, 1)]
        packed, wildcards = _packed(documents, limits, settings, compiler)
        after = [_document(text, policy_type, at) for at, text in enumerate(packed, 1)]
        proof = prove_equal(documents, after, compiler)
        if not proof.is_equal:
            raise CannotPack(f"not packed, since {proof.reason}")
        if settings.exact and not proof.beyond_catalogue:
            raise CannotPack("not packed, since actions that AWS adds later might differ")
    slots = settings.slots or limits.attached_per_target
    if slots is not None and len(packed) > slots:
        raise CannotPack(
            f"the result takes {len(packed)} policies and the place has {slots} slots; remove "
            "statements, or move some of them to another level"
        )
    return PackedPolicies(
        policies=packed,
        characters_before=before,
        characters_after=sum(policy_size(text, limits) for text in packed),
        policies_before=len(texts),
        policies_after=len(packed),
        new_wildcards=wildcards,
        future_actions=_future(wildcards),
        proof=proof,
        changed=packed != tuple(texts),
    )


_SAME_SETTINGS: Final = EqualityProof(is_equal=True, beyond_catalogue=True, reason="")


def _limits(policy_type: PolicyType, settings: PackSettings) -> PolicyLimits:
    limits = policy_limits(policy_type, on=settings.limits_on)
    return (
        limits if settings.characters is None else replace(limits, characters=settings.characters)
    )


def _document(text: str, policy_type: PolicyType, number: int) -> PolicyDocument:
    parsed = parse_policy(text, policy_type)
    faults = [
        d for d in parsed.diagnostics
        if d.severity is Severity.ERROR and d.code != "policy_too_large"
    ]  # fmt: skip
    if parsed.document is None or faults:
        first = faults[0] if faults else parsed.diagnostics[0]
        raise CannotPack(
            f"policy {number}, line {first.line}, column {first.column}: {first.message}"
        )
    return parsed.document


def _minified(text: str, policy_type: PolicyType) -> tuple[str, ...]:
    parsed = parse_policy(text, policy_type)
    faults = [d for d in parsed.errors if d.code != "policy_too_large"]
    if parsed.management is None or faults:
        first = faults[0] if faults else parsed.diagnostics[0]
        raise CannotPack(f"policy 1, line {first.line}, column {first.column}: {first.message}")
    packed = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    if parse_policy(packed, policy_type).management != parsed.management:
        raise CannotPack("not packed, since its settings could not be written as they were read")
    return (packed,)


def _check_fits(packed: Iterable[str], limits: PolicyLimits) -> None:
    for text in packed:
        if limits.characters is not None and policy_size(text, limits) > limits.characters:
            raise CannotPack(
                f"without white space the policy still has {policy_size(text, limits):,} "
                f"characters; AWS accepts {limits.characters:,}"
            )


def _packed(
    documents: Sequence[PolicyDocument],
    limits: PolicyLimits,
    settings: PackSettings,
    compiler: Compiler,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    written = {
        action.lower()
        for document in documents
        for statement in document.statements
        for action in statement.actions or statement.not_actions or ()
    }
    packed: list[str] = []
    wildcards: dict[str, None] = {}
    for expands in (True, False):
        drafts = merged(_drafts(documents, expands, settings, compiler))
        if not settings.exact:
            drafts = [_shortened(draft, compiler) for draft in drafts]
            # Shorter lists may have become equal.
            drafts = merged(drafts)
        for draft in drafts:
            wildcards.update(dict.fromkeys(_new_wildcards(draft.actions, written)))
        packed += _split(drafts, limits, expands_variables=expands)
    return tuple(packed), tuple(wildcards)


def _drafts(
    documents: Sequence[PolicyDocument], expands: bool, settings: PackSettings, compiler: Compiler
) -> list[Draft]:
    """The statements that another does not cover, of one version of the language."""
    pairs = [
        (statement, compiled)
        for document in documents
        for statement, compiled in zip(
            document.statements, compiler.document(document), strict=True
        )
        if (document.expands_variables or not _has_variable(statement)) is expands
    ]
    drafts = []
    for at, (statement, compiled) in enumerate(pairs):
        needless = any(
            other.effect is compiled.effect
            and covers(other, compiled)
            and (place < at or not covers(compiled, other))
            for place, (_, other) in enumerate(pairs)
            if place != at
        )
        if not needless:
            drafts.append(draft_of(statement, compiled, keep_sid=settings.keep_sids))
    return drafts


def _has_variable(statement: Statement) -> bool:
    texts = [*(statement.resources or ()), *(statement.not_resources or ())]
    texts += [value for condition in statement.conditions for value in condition.values]
    return any("${" in text for text in texts)


def _shortened(draft: Draft, compiler: Compiler) -> Draft:
    return replace(draft, actions=short_actions(compiler.catalogue, draft.actions))


def _new_wildcards(actions: Iterable[str], written: set[str]) -> Iterable[str]:
    for action in actions:
        lowered = action.lower()
        if ("*" in lowered or "?" in lowered) and not any(
            pattern_covers(old, lowered) for old in written
        ):
            yield action


def _future(wildcards: Sequence[str]) -> str | None:
    if not wildcards:
        return None
    return (
        f"{len(wildcards)} new wildcards match the same actions today, and will also match actions "
        "of these names that AWS adds later; pack exactly to avoid that."
    )


def _split(drafts: list[Draft], limits: PolicyLimits, *, expands_variables: bool) -> list[str]:
    """Put statements into as few policies as first-fit by falling size finds."""
    room = limits.characters
    if not drafts:
        return []
    if room is None:
        return [policy_text((draft.text for draft in drafts), expands_variables=expands_variables)]
    texts = [text for draft in drafts for text in _fitting(draft, limits)]
    bins: list[list[str]] = []
    for text in sorted(texts, key=len, reverse=True):
        for held in bins:
            whole = policy_text((*held, text), expands_variables=expands_variables)
            if policy_size(whole, limits) <= room:
                held.append(text)
                break
        else:
            bins.append([text])
    order = {text: at for at, text in enumerate(texts)}
    return [
        policy_text(sorted(held, key=order.__getitem__), expands_variables=expands_variables)
        for held in bins
    ]


def _fitting(draft: Draft, limits: PolicyLimits) -> Iterable[str]:
    """The statement, or parts of it that fit into a policy each."""
    pending = [draft]
    while pending:
        part = pending.pop()
        size = policy_size(policy_text([part.text], expands_variables=True), limits)
        if limits.characters is None or size <= limits.characters:
            yield part.text
            continue
        split = halves(part)
        if split is None:
            raise CannotPack(
                f"a statement alone takes {size:,} characters and a policy may have "
                f"{limits.characters:,}; shorten its lists of conditions or resources"
            )
        pending += reversed(split)

"""How much of AWS's room a policy takes: characters, and slots at its target.

Source: Organizations user guide, "Quotas and service limits"; IAM user guide, "IAM and AWS STS
quotas"; the quota pages of the services in `size_limits.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict, cast

from policies.language.document import ParsedPolicy, PolicyDocument
from policies.language.policy_types import PolicyType, policy_limits, policy_size
from policies.lint.finding import LintFinding, LintSeverity
from policies.lint.settings import LintSettings

_NEAR_PER_CENT: Final = 90


class SizeLimits(TypedDict):
    """Limits beside those of the policy types: by service in bytes, and before a quota's raise."""

    resource_policy_bytes: dict[str, int]
    trust_policy_characters_by_default: int


@lru_cache(maxsize=1)
def size_limits() -> SizeLimits:
    """Return the contents of `size_limits.json`."""
    text = resources.files("policies.lint").joinpath("size_limits.json").read_text("utf-8")
    return cast(SizeLimits, json.loads(text))


def check_size(
    text: str, policy_type: PolicyType, parsed: ParsedPolicy, settings: LintSettings
) -> Iterator[LintFinding]:
    """Yield what the policy's size and its place at the target call for."""
    limits = policy_limits(policy_type, on=settings.limits_on)
    size = policy_size(text, limits)
    if limits.characters and _NEAR_PER_CENT <= 100 * size / limits.characters <= 100:
        yield _whole(
            LintSeverity.NOTE,
            "near_size_limit",
            f"The policy fills {100 * size / limits.characters:.0f} % of the {limits.characters:,} "
            f"characters that AWS accepts{_minified(text, limits.whitespace_counts)}.",
        )
    by_default = size_limits()["trust_policy_characters_by_default"]
    if policy_type is PolicyType.TRUST_POLICY and size > by_default:
        yield _whole(
            LintSeverity.WARNING,
            "needs_raised_quota",
            f"A trust policy has {by_default:,} characters unless the account's "
            f"quota 'Role trust policy length' is raised; this one has {size:,}.",
        )
    if policy_type is PolicyType.RESOURCE_POLICY and parsed.document is not None:
        yield from _service_limit(text, parsed.document)
    slots = limits.attached_per_target
    if slots is not None and settings.attached_count is not None:
        if settings.attached_count >= slots:
            yield _whole(
                LintSeverity.ERROR,
                "no_slot_left",
                f"The target has {settings.attached_count} policies of this type and AWS accepts "
                f"{slots}; merge policies or detach one.",
            )
        elif settings.attached_count == slots - 1:
            yield _whole(
                LintSeverity.NOTE,
                "last_slot",
                f"This policy takes the last of the target's {slots} slots.",
            )


def _minified(text: str, whitespace_counts: bool) -> str:
    if not whitespace_counts:
        return ""
    bare = sum(map(len, text.split()))
    return f"; without white space it would be about {bare:,}" if bare < 0.95 * len(text) else ""


def _service_limit(text: str, document: PolicyDocument) -> Iterator[LintFinding]:
    known = size_limits()["resource_policy_bytes"]
    services = {
        action.partition(":")[0].lower()
        for statement in document.statements
        for action in statement.actions or ()
    } & known.keys()
    if len(services) != 1:
        return
    (service,) = services
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > known[service]:
        yield _whole(
            LintSeverity.ERROR,
            "resource_policy_too_large",
            f"The policy has {size:,} bytes; {service} accepts {known[service]:,}.",
        )


def _whole(severity: LintSeverity, code: str, message: str) -> LintFinding:
    return LintFinding(code, severity, message, 1, 1, "", None, None)

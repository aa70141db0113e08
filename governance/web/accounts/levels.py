"""The level stack: what is attached at each step from the root down to an account or OU."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from inventory.policy_types import policy_type
from inventory.selectors.hierarchy import Level

_ICONS = {"ROOT": "building", "ORGANIZATIONAL_UNIT": "folder", "ACCOUNT": "box"}


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """A policy at a level. `silent`: a default policy that stands beside others."""

    name: str
    code: str
    href: str
    silent: bool


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level as `includes/level_row.html` shows it."""

    icon: str
    name: str
    target_id: str
    href: str
    parent_name: str
    policies: tuple[LevelPolicy, ...]
    words: str
    here: bool


def level_rows(levels: Sequence[Level], *, slug: str, scps_enabled: bool) -> list[LevelRow]:
    """Describe the levels; the last is the page's own and leads nowhere."""
    rows: list[LevelRow] = []
    for number, level in enumerate(levels):
        here = number == len(levels) - 1
        rows.append(
            LevelRow(
                icon=_ICONS[level.kind],
                name=level.name,
                target_id=level.target_id,
                href="" if here else _address(level, slug),
                parent_name=levels[number - 1].name if number > 1 else "",
                policies=tuple(
                    LevelPolicy(
                        policy.name,
                        policy_type(policy.type).code,
                        reverse("policy", kwargs={"slug": slug, "policy_id": policy.policy_id}),
                        policy.is_default,
                    )
                    for policy in level.policies
                ),
                words=_words(level, scps_enabled),
                here=here,
            )
        )
    return rows


def _address(level: Level, slug: str) -> str:
    if level.kind == "ROOT":
        return reverse("organization", kwargs={"slug": slug})
    return reverse("organizational-unit", kwargs={"slug": slug, "target_id": level.target_id})


def _words(level: Level, scps_enabled: bool) -> str:
    own = [policy for policy in level.policies if not policy.is_default]
    if scps_enabled and all(policy.policy_id != "p-FullAWSAccess" for policy in level.policies):
        others = [policy for policy in own if policy.type == "SERVICE_CONTROL_POLICY"]
        if others:
            return "FullAWSAccess is not attached: only what the other SCPs allow is left"
        return "No SCP is attached: nothing is allowed from here down"
    return "" if own else "Nothing of its own"

"""The level stack as `includes/level_row.html` shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from governance.posture.ceilings.level_stack import LevelStep, PolicyAtLevel
from governance.posture.ceilings.organization_ceilings import (
    OrganizationCeilings,
)
from governance.posture.ceilings.services import service_count
from governance.posture.ceilings.strategies import STRATEGY_WORDS
from governance.posture.state.organization import SCP
from inventory.policy_types import policy_type
from inventory.selectors.hierarchy import AttachedPolicy, Level
from policies import PolicyType

_ICONS: Final = {"ROOT": "building", "ORGANIZATIONAL_UNIT": "folder", "ACCOUNT": "box"}
_FULL_ACCESS: Final = "p-FullAWSAccess"
_RCP_FULL_ACCESS: Final = "p-RCPFullAWSAccess"
_DEFAULTS: Final = (_FULL_ACCESS, _RCP_FULL_ACCESS)


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """A policy at a level. `silent`: a default policy. `unreadable`: its text has no meaning."""

    name: str
    code: str
    href: str
    silent: bool
    effect: str = ""
    idle: bool = False
    why_idle: str = ""
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level. `whole` is the scale of the bars, 0 where nothing is measured.

    `removed` and `made_conditional` count actions, `removed_services` services; `idle_count`
    policies without effect as assumed. `lacks_full_access`: FullAWSAccess is not attached.
    """

    icon: str
    name: str
    target_id: str
    href: str
    parent_name: str
    policies: tuple[LevelPolicy, ...]
    here: bool
    strategy: str = ""
    whole: int = 0
    always: int = 0
    cond: int = 0
    cut: int = 0
    unknown: int = 0
    removed: int = 0
    removed_services: int = 0
    made_conditional: int = 0
    idle_count: int = 0
    unreadable_count: int = 0
    lacks_full_access: bool = False
    breaks: bool = False

    @property
    def left(self) -> int:
        """The actions left after this level; where some are unknown, at most these."""
        return self.always + self.cond + self.unknown

    @property
    def narrows(self) -> bool:
        """Whether the level takes anything away or makes anything conditional."""
        return bool(self.removed or self.made_conditional)

    @property
    def bar_words(self) -> str:
        """What the bar shows, in words."""
        if self.unknown:
            return f"{self.name}: at most {self.left:,} of {self.whole:,} actions, not known"
        return (
            f"{self.name}: {self.always:,} always, {self.cond:,} conditional, "
            f"{self.cut:,} removed here, of {self.whole:,}"
        )


def stack_rows(
    levels: Sequence[Level],
    steps: Sequence[LevelStep],
    ceilings: OrganizationCeilings,
    *,
    slug: str,
    query: str = "",
) -> list[LevelRow]:
    """Describe the levels; the last is the page's own and leads nowhere.

    `steps`: of the same target, empty where SCPs do not bind it or are not known. `query` is
    added to the addresses of levels.
    """
    measured = {step.target.target_id: step for step in steps}
    rows: list[LevelRow] = []
    for number, level in enumerate(levels):
        here = number == len(levels) - 1
        rows.append(
            _row(
                level,
                measured.get(level.target_id),
                ceilings,
                slug=slug,
                href="" if here else _address(level, slug, query),
                parent_name=levels[number - 1].name if number > 1 else "",
                here=here,
            )
        )
    return rows


def _row(
    level: Level,
    step: LevelStep | None,
    ceilings: OrganizationCeilings,
    *,
    slug: str,
    href: str,
    parent_name: str,
    here: bool,
) -> LevelRow:
    found = {one.policy.policy_id: one for one in step.policies} if step else {}
    policy_type = ceilings.policy_type
    chips = _chips(level.policies, found, slug, policy_type)
    if step is None:
        return LevelRow(
            _ICONS[level.kind], level.name, level.target_id, href, parent_name, chips, here
        )
    removed = step.removed.bit_count()
    return LevelRow(
        icon=_ICONS[level.kind],
        name=level.name,
        target_id=level.target_id,
        href=href,
        parent_name=parent_name,
        policies=chips,
        here=here,
        strategy=STRATEGY_WORDS[step.strategy] if policy_type is SCP else "",
        whole=ceilings.scope.bit_count(),
        always=step.always.bit_count(),
        cond=step.conditional.bit_count(),
        cut=removed,
        unknown=step.unknown.bit_count(),
        removed=removed,
        removed_services=service_count(ceilings, step.removed) if removed else 0,
        made_conditional=step.made_conditional.bit_count(),
        idle_count=sum(one.idle and one.policy.policy_id not in _DEFAULTS for one in step.policies),
        unreadable_count=sum(not one.readable for one in step.policies),
        lacks_full_access=policy_type is SCP and _FULL_ACCESS not in found,
        breaks=step.breaks,
    )


def _chips(
    policies: Sequence[AttachedPolicy],
    found: Mapping[str, PolicyAtLevel],
    slug: str,
    measured_type: PolicyType,
) -> tuple[LevelPolicy, ...]:
    """Describe the policies, those measured first; FullAWSAccess only where it stands alone.

    So with its like for RCPs, which AWS attaches everywhere and lets nobody detach. The one of
    the type that is not measured is left out everywhere.
    """
    others = [one for one in policies if one.type == measured_type and not one.is_default]
    chips = []
    for policy in sorted(policies, key=lambda one: one.type != measured_type):
        if policy.policy_id in _DEFAULTS and (others or policy.type != measured_type):
            continue
        known = found.get(policy.policy_id)
        chips.append(
            LevelPolicy(
                policy.name,
                "" if policy.type == measured_type else policy_type(policy.type).code,
                reverse("policy", kwargs={"slug": slug, "policy_id": policy.policy_id}),
                policy.is_default,
                effect=_effect(known),
                idle=known is not None and known.idle and not policy.is_default,
                why_idle=known.why_idle if known else "",
                unreadable=known is not None and not known.readable,
            )
        )
    return tuple(chips)


def _effect(known: PolicyAtLevel | None) -> str:
    if known is None or not known.readable:
        return ""
    return "deny" if known.denies else "allow"


def _address(level: Level, slug: str, query: str) -> str:
    if level.kind == "ROOT":
        return reverse("organization", kwargs={"slug": slug})
    where = {"slug": slug, "target_id": level.target_id}
    return reverse("organizational-unit", kwargs=where) + query

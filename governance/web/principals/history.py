"""How a principal changed, with the trust policy's text before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.web.parts.changes import ChangeStep, steps
from inventory.models import Principal
from inventory.models.versions import Version

_TOLD_APART = {"trust policy", "inline policies"}


@dataclass(frozen=True, slots=True)
class PrincipalStep:
    """What one run saw differ. `trust`: the trust policy's text before and after, if it did.

    `key` is unique on the page.
    """

    step: ChangeStep
    values: tuple[tuple[str, str, str], ...]
    inline: tuple[str, ...]
    trust: tuple[str, str] | None
    key: str


def principal_steps(versions: Sequence[Principal]) -> list[PrincipalStep]:
    """Describe versions, the newest first."""
    pairs = dict(zip((one.seen_from for one in versions), versions[1:], strict=False))
    by_start = {one.seen_from: one for one in versions}
    plain: list[Version] = list(versions)
    changes = []
    for number, step in enumerate(steps(plain, noun="principal")):
        after, before = by_start.get(step.at), pairs.get(step.at)
        changed = {field for field, _, _ in step.values}
        trust: tuple[str, str] | None = None
        inline: tuple[str, ...] = ()
        if after is not None and before is not None:
            if "trust policy" in changed:
                trust = (_text(before), _text(after))
            if "inline policies" in changed:
                inline = _inline(before.inline_policies, after.inline_policies)
        changes.append(
            PrincipalStep(
                step=step,
                values=tuple(value for value in step.values if value[0] not in _TOLD_APART),
                inline=inline,
                trust=trust,
                key=f"trust-{number}",
            )
        )
    return changes


def _text(version: Principal) -> str:
    return version.trust_policy.text if version.trust_policy else ""


def _inline(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    said = [f"{name} added" for name in sorted(after.keys() - before.keys())]
    said += [f"{name} removed" for name in sorted(before.keys() - after.keys())]
    said += [
        f"{name} has another text"
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    ]
    return tuple(said)

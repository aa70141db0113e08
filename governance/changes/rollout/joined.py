"""Which accounts joined or left the targets of a plan since it was reviewed."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from governance.changes.aws_writer import OrganizationsApi
from governance.changes.models import Rollout
from governance.changes.planning.steps import AwsCall
from governance.changes.rollout.live import accounts_below
from governance.changes.rollout.plans import steps_of

_PLACES: Final = frozenset({AwsCall.ATTACH_POLICY, AwsCall.DETACH_POLICY})


def joined_or_left(rollout: Rollout, api: OrganizationsApi) -> Iterator[str]:
    """Yield a sentence for each root or OU below which other accounts are than were reviewed.

    Read once, before the first call: where a plan attaches and detaches, and where a policy hangs
    that it writes.

    :raises AwsWriteError: AWS could not be read.
    """
    evidence = rollout.change_request.evidence
    if evidence is None:
        return
    listed: dict[str, tuple[list[str], list[str]]] = {}
    for target_id, target in _places(rollout, evidence.base).items():
        reviewed, now = set(target["accounts"]), accounts_below(api, target_id, listed)
        said = [
            f"{', '.join(sorted(some))} {what}"
            for some, what in ((now - reviewed, "joined"), (reviewed - now, "left"))
            if some
        ]
        if said:
            yield f"accounts of {target['name']} ({target_id}): {'; '.join(said)}"


def _places(rollout: Rollout, base: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the roots and OUs whose accounts a plan reaches, as they were reviewed."""
    reached: dict[str, None] = {}
    for step in steps_of(rollout):
        if step.call in _PLACES:
            reached[str(step.parameters["TargetId"])] = None
        elif step.call is AwsCall.UPDATE_POLICY:
            policy = base.get("policies", {}).get(step.parameters["PolicyId"], {})
            reached |= dict.fromkeys(policy.get("attached_to", ()))
    targets = base.get("targets", {})
    return {one: targets[one] for one in reached if one in targets and not one.isdecimal()}

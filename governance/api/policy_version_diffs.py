"""/policies/…/versions/…/diff/…: what differs between two versions of a policy."""

from difflib import unified_diff
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.jobs import answer_or_queue, answers_of
from governance.api.parts.permissions import person_of
from governance.api.policies import OnePolicy
from governance.api.policy_effect_representations import (
    MOST_DIFFERENCES,
    PolicyVersionDiffRepresentation,
    VersionDiffRequestRepresentation,
)
from governance.api.simulations import SimulationDetail, SimulationRepresentation
from governance.effects.request_effects import Verdict
from governance.effects.results import difference_of, result_of
from governance.policy_effect.versions import by_itself, changed_settings, edits, in_place
from governance.posture.state.organization import CONTROL_TYPES
from governance.presentation.text_diff import pretty_json
from governance.simulations import jobs
from inventory.models import Policy
from inventory.selectors.policies import policy_versions
from policies import MANAGEMENT_POLICY_TYPES, PolicyType, load_catalogue


class PolicyVersionDiff(OnePolicy):
    """Two versions of one policy."""

    rights = {"GET": rights.VIEW_INVENTORY, "POST": rights.SIMULATE}
    representation = PolicyVersionDiffRepresentation
    takes = VersionDiffRequestRepresentation
    takes_as_of = False
    answers = answers_of(SimulationRepresentation, "The result.", fresh=True)

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Return what differs between two versions of a policy, by text and by meaning.

        The meaning is that of the policy by itself; POST tells what it changes where the policy is
        attached.
        """
        before, after = self.both()
        kind = before.type
        diff: dict[str, Any] = {
            "policy_id": before.policy_id,
            "before": before,
            "after": after,
            "text": _text_diff(before, after),
            "meaning": "not_checked",
            "differences": None,
            "settings": None,
        }
        if kind in CONTROL_TYPES:
            diff |= _meaning(before, after)
        elif kind in MANAGEMENT_POLICY_TYPES:
            diff |= _settings(before, after)
        return self.answer(self.serialized(diff))

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Return what the later text changes where the policy is attached, put for the earlier.

        Takes `as_of`: in the organization as it was then; null or none: as the latest run saw it.
        Answered at once where that is quick, else as a simulation's job.
        """
        before, after = self.both()
        as_of = self.read(request.data)
        if before.type not in CONTROL_TYPES:
            message = f"policies of type {before.type} decide no requests; GET returns what differs"
            raise ValidationError({"policy_id": [message]})
        simulated = in_place(
            self.viewer,
            connection=self.connection,
            before=before,
            after=after,
            as_of=as_of,
            today=self.now.date(),
        )
        if simulated.drafted.problems:
            raise ValidationError({"as_of": [simulated.drafted.problems[0].message]})
        prior, operations = edits(before, after)
        return answer_or_queue(
            self,
            request,
            SimulationDetail,
            at_once=lambda: result_of(simulated) if jobs.is_quick(simulated) else None,
            queue=lambda: jobs.simulation_request(
                connection=self.connection,
                requested_by=person_of(request),
                viewer=self.viewer,
                operations=operations,
                prior=prior,
                as_of=as_of,
                now=self.now,
            ),
            as_of=as_of,
        )

    def both(self) -> tuple[Policy, Policy]:
        """Find the two versions.

        :raises Problem: one of them was never seen.
        """
        policy_id = self.kwargs["policy_id"]
        numbers = [self.kwargs["before"], self.kwargs["after"]]
        rows: Any = policy_versions(self.viewer, connection=self.connection, policy_id=policy_id)
        found: dict[int, Policy] = {row.number: row for row in rows.filter(number__in=numbers)}
        for number in numbers:
            if number not in found:
                raise self.missing(f"version {number} of policy {policy_id}")
        return found[numbers[0]], found[numbers[1]]

    def read(self, body: Any) -> Any:
        """Read the body.

        :raises ValidationError: naming each member that is wrong.
        """
        if not isinstance(body, dict):
            raise ValidationError({"non_field_errors": ["give an object, with `as_of` or empty"]})
        unknown = sorted(set(body) - {"as_of"})
        if unknown:
            raise ValidationError({name: ["there is no such member"] for name in unknown})
        as_of = body.get("as_of")
        return self.moment_of(None if as_of is None else str(as_of))


def _text_diff(before: Any, after: Any) -> str:
    left, right = (pretty_json(one.content.text).splitlines() for one in (before, after))
    labels = [f"version {one.number}" for one in (before, after)]
    return "\n".join(unified_diff(left, right, labels[0], labels[1], lineterm=""))


def _meaning(before: Policy, after: Policy) -> dict[str, Any]:
    kind = PolicyType(before.type)
    alone = by_itself(before.name, kind, before.content.text, after.content.text)
    if alone is None:
        return {"meaning": "unreadable"}
    effects, catalogue = alone.effects.effects, load_catalogue()
    names = alone.drafted.before.names
    proven = any(one.verdict is not Verdict.UNDECIDED for one in effects)
    return {
        "meaning": "differs" if proven else "undecided" if effects else "same",
        "differences": [
            {
                **difference_of(alone, effect, catalogue),
                "where": [names[account_id].name for account_id in effect.account_ids],
            }
            for effect in effects[:MOST_DIFFERENCES]
        ],
    }


def _settings(before: Policy, after: Policy) -> dict[str, Any]:
    changes = changed_settings(before, after)
    if changes is None:
        return {"meaning": "unreadable"}
    return {"meaning": "differs" if changes else "same", "settings": changes}

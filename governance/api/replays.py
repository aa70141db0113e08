"""/replays: what edits would have done to the calls that the logs recorded. AWS is not touched."""

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.parts.jobs import JobRepresentation, answer_or_queue, answers_of
from governance.api.parts.permissions import person_of
from governance.api.simulations import (
    EditsEndpoint,
    EditsJobDetail,
    SimulationRequestRepresentation,
    edited_organization,
    read_edits,
)
from governance.simulations import jobs
from governance.simulations.models import SimulationJob
from governance.usage.recorded import MOST_DAYS, is_quick_replay, replay_recorded
from governance.usage.results import LOG_STATES, MOST_GROUPS
from governance.usage.verdicts import UsageDenied
from policies.usage.joint import ReplayEffect

REPLAYED_EFFECTS = [
    (effect.value, effect.value)
    for effect in (ReplayEffect.REVOKED, ReplayEffect.MAYBE, ReplayEffect.GAINED)
]


class ReplayRequestRepresentation(SimulationRequestRepresentation):
    """What to replay recorded usage through."""

    days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="How many days until today; without it the setting's, as a rule 90.",
    )


class ReplayedCallsRepresentation(serializers.Serializer[Any]):
    """Calls."""

    calls = serializers.IntegerField()
    denied = serializers.IntegerField(help_text="Of them, how many AWS denied when they were made.")


class ReplayedGroupRepresentation(ReplayedCallsRepresentation):
    """Calls of one principal for one action in one account's log that the edits treat alike."""

    effect = serializers.ChoiceField(
        choices=REPLAYED_EFFECTS, help_text="maybe: it depends on `keys`, which were not recorded."
    )
    account_id = serializers.CharField(help_text="The account whose log has the calls.")
    principal = serializers.CharField(help_text="The role, not its session.")
    action = serializers.CharField()
    keys = serializers.ListField(
        child=serializers.CharField(),
        help_text="Context keys, `resource` or `principal`, on which a maybe depends.",
    )
    is_by_aws = serializers.BooleanField(help_text="A service or a service-linked role called.")
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    regions = serializers.ListField(child=serializers.CharField(), help_text="The first few.")
    resources = serializers.ListField(child=serializers.CharField(), help_text="The first few.")


class ReplayedAccountRepresentation(serializers.Serializer[Any]):
    """The calls that one account's log has."""

    account_id = serializers.CharField()
    calls = serializers.IntegerField()
    newly_denied = serializers.IntegerField()
    maybe = serializers.IntegerField()
    gained = serializers.IntegerField()


class ReplayResultRepresentation(serializers.Serializer[Any]):
    """What becomes of the recorded calls. Without logs nothing is known: counts are null."""

    state = serializers.ChoiceField(
        choices=LOG_STATES, help_text="no_source: no logs are read, so usage is not known."
    )
    denies = serializers.ChoiceField(
        choices=UsageDenied.choices, help_text="Whether calls that succeeded would be denied."
    )
    since = serializers.DateField()
    until = serializers.DateField()
    days = serializers.IntegerField()
    calls = serializers.IntegerField(allow_null=True, help_text="All that were recorded.")
    calls_by_aws = serializers.IntegerField(
        allow_null=True, help_text="Of them, those of services and of service-linked roles."
    )
    newly_denied = serializers.IntegerField(
        allow_null=True, help_text="Calls that succeeded and would be denied."
    )
    revoked = ReplayedCallsRepresentation(allow_null=True)
    gained = ReplayedCallsRepresentation(allow_null=True)
    maybe = ReplayedCallsRepresentation(allow_null=True)
    unchanged = ReplayedCallsRepresentation(allow_null=True)
    not_known = ReplayedCallsRepresentation(
        allow_null=True, help_text="Calls whose policies or accounts' places are not known."
    )
    not_known_account_ids = serializers.ListField(child=serializers.CharField())
    unreadable = serializers.ListField(
        child=serializers.CharField(), help_text="Why principals could not be read."
    )
    groups = ReplayedGroupRepresentation(
        many=True,
        help_text=f"Revoked, then maybe, then gained; most calls first, at most {MOST_GROUPS}.",
    )
    groups_total = serializers.IntegerField(allow_null=True)
    by_account = ReplayedAccountRepresentation(many=True)
    logs = serializers.DictField(help_text="The health of the logs in these days.")


class ReplayRepresentation(JobRepresentation):
    """A replay, and its result once it is complete."""

    result = ReplayResultRepresentation(allow_null=True)


class ReplayDetail(EditsJobDetail):
    """One replay that was queued."""

    representation = ReplayRepresentation
    job_having = {"kind": SimulationJob.Kind.REPLAY.value}
    job_noun = "replay"
    job_route = "replay"
    id_argument = "replay_id"

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the progress of a queued replay, and its result once it is complete."""
        return self.answer_with_job()


class Replays(EditsEndpoint):
    """What edits would have done to recorded usage."""

    representation = ReplayRepresentation
    takes = ReplayRequestRepresentation
    answers = answers_of(ReplayRepresentation, "The result.", fresh=True)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Replay the usage of the last days through edits of policies and of the tree.

        Answered directly where that is quick; otherwise, or with `Prefer: respond-async`, a job is
        queued whose result is kept for a day. Nothing is changed in AWS.
        """
        operations, as_of = read_edits(self, request.data, also=("days",))
        days = self.read_days(request.data)
        simulated = edited_organization(self, operations, as_of)
        where: dict[str, Any] = {"connection": self.connection, "now": self.now}

        def at_once() -> Any:
            if not is_quick_replay(self.viewer, days=days, **where):
                return None
            found = replay_recorded(self.viewer, states=simulated.drafted, days=days, **where)
            return found.result

        return answer_or_queue(
            self,
            request,
            ReplayDetail,
            at_once=at_once,
            queue=lambda: jobs.replay_request(
                connection=self.connection,
                requested_by=person_of(request),
                viewer=self.viewer,
                operations=operations,
                as_of=as_of,
                days=days,
                now=self.now,
            ),
            as_of=as_of,
        )

    def read_days(self, body: Any) -> int:
        """Return over how many days usage is replayed.

        :raises ValidationError: not a number of days.
        """
        days = body.get("days", settings.USAGE_REPLAY_DAYS)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
            raise ValidationError({"days": [f"give a whole number from 1 to {MOST_DAYS}"]})
        return days

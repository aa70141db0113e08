"""/simulations: what edits would newly deny and allow. Nothing here touches AWS."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.jobs import JobDetail, JobRepresentation, answer_or_queue, answers_of
from governance.api.parts.permissions import person_of
from governance.edits.checks import CheckMark
from governance.edits.operations import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_OPERATIONS,
    POLICY_TYPES,
    Operation,
    OperationKind,
    OperationsInvalid,
    read_operations,
)
from governance.effects.of_edits import Simulated, simulate
from governance.effects.request_effects import Verdict
from governance.effects.results import MOST_DIFFERENCES, UNLISTED_ACTIONS, result_of
from governance.simulations import jobs
from governance.simulations.models import SimulationJob
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES

EFFECT_VERDICTS = [(verdict.value, verdict.value) for verdict in Verdict]
_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


class WitnessedVerdict(TextChoices):
    """What becomes of a witness."""

    ALLOWED = "allowed"
    DENIED = "denied"


class OperationRepresentation(serializers.Serializer[Any]):
    """One edit. Which members it has depends on its kind."""

    kind = serializers.ChoiceField(
        choices=[kind.value for kind in OperationKind],
        help_text="update_policy: policy_id, text. create_policy: policy_id, name, policy_type, "
        "text. delete_policy: policy_id. attach_policy, detach_policy: policy_id, target_id. "
        "move_account, move_organizational_unit: target_id, parent_id. enable_policy_type, "
        "disable_policy_type: policy_type. rename_policy: policy_id, name. tag_policy: policy_id, "
        "tags. create_organizational_unit: target_id (a name of your own, `new-1`), parent_id, "
        "name. rename_organizational_unit: target_id, name. delete_organizational_unit: "
        "target_id.",
    )
    policy_id = serializers.CharField(
        required=False, help_text="`p-…`, or a name of your own (`new-1`) for one you create."
    )
    target_id = serializers.CharField(required=False)
    parent_id = serializers.CharField(required=False, help_text="The root or an OU.")
    name = serializers.CharField(required=False, max_length=LONGEST_NAME)
    policy_type = serializers.ChoiceField(
        required=False,
        choices=[kind.value for kind in POLICY_TYPES],
        help_text="Only service and resource control policies decide requests.",
    )
    text = serializers.CharField(required=False, max_length=LONGEST_TEXT)
    tags = serializers.DictField(
        required=False,
        child=serializers.CharField(allow_null=True),
        help_text="Tag key → value; null takes the tag away.",
    )


class SimulationRequestRepresentation(serializers.Serializer[Any]):
    """What to simulate."""

    operations = OperationRepresentation(many=True, help_text=f"At most {MOST_OPERATIONS}.")
    as_of = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Simulate on the organization as it was then; null: as of the latest run.",
    )


class DeciderRepresentation(serializers.Serializer[Any]):
    """What denies a witness."""

    target_id = serializers.CharField()
    policy_id = serializers.CharField(
        allow_null=True, help_text="Null: no statement at this target allows it."
    )
    statement = serializers.IntegerField(allow_null=True, help_text="From 1.")
    sid = serializers.CharField(allow_null=True)


class WitnessRepresentation(serializers.Serializer[Any]):
    """A request that shows a difference; the evaluator confirmed it."""

    account_id = serializers.CharField()
    principal = serializers.CharField()
    action = serializers.CharField()
    resource = serializers.CharField()
    before = serializers.ChoiceField(choices=WitnessedVerdict.choices)
    after = serializers.ChoiceField(choices=WitnessedVerdict.choices)
    denied_by = DeciderRepresentation(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add `context`, a name that serializers have taken for something else."""
        help_text = "Condition key → text, or a list of texts."
        return {**super().get_fields(), "context": serializers.DictField(help_text=help_text)}


class DeniedAnywayRepresentation(serializers.Serializer[Any]):
    """Actions of a difference that other policies deny anyway in some of its accounts."""

    actions = serializers.ListField(child=serializers.CharField())
    actions_total = serializers.IntegerField()
    account_groups = serializers.ListField(
        child=serializers.IntegerField(), help_text="Places in the result's `account_groups`."
    )


class SimulatedDifferenceRepresentation(serializers.Serializer[Any]):
    """Requests that are newly denied, newly allowed or undecided, alike in some accounts."""

    verdict = serializers.ChoiceField(choices=EFFECT_VERDICTS)
    policy_type = serializers.ChoiceField(choices=_TYPES)
    actions = serializers.ListField(
        child=serializers.CharField(),
        help_text="`ec2:*`: every action of a service. "
        f"`{UNLISTED_ACTIONS}`, last: unknown actions, too.",
    )
    actions_total = serializers.IntegerField(
        allow_null=True, help_text="Actions of the catalogue. Null: unknown actions only."
    )
    when = serializers.CharField(
        help_text="`always`, or in which requests. Ends in `except requests that other policies "
        "deny` where some of them deny part of it, in some accounts or all."
    )
    accounts = serializers.IntegerField()
    account_groups = serializers.ListField(
        child=serializers.IntegerField(), help_text="Places in the result's `account_groups`."
    )
    denied_anyway = DeniedAnywayRepresentation(
        many=True,
        help_text="Where accounts do not have all of `actions`; most accounts first, at most "
        f"{MOST_DIFFERENCES}.",
    )
    remark = serializers.CharField(allow_null=True, help_text="Why it is unlikely to matter.")
    reason = serializers.CharField(allow_null=True, help_text="Why it is undecided.")
    witness = WitnessRepresentation(allow_null=True, help_text="Null: undecided.")


class UnknownAccountsRepresentation(serializers.Serializer[Any]):
    """Accounts of which nothing can be told: neither changed nor unchanged."""

    reason = serializers.CharField()
    account_ids = serializers.ListField(child=serializers.CharField())


class SimulationCheckRepresentation(serializers.Serializer[Any]):
    """One of AWS's limits and rules, checked."""

    code = serializers.CharField()
    mark = serializers.ChoiceField(
        choices=[mark.value for mark in CheckMark], help_text="refused: AWS would not accept it."
    )
    title = serializers.CharField()
    measured = serializers.CharField()
    remedy = serializers.CharField(help_text="Empty if it holds.")


class EffectsRepresentation(serializers.Serializer[Any]):
    """What a change does. Accounts that are named nowhere stay as they are, proven."""

    headline = serializers.CharField(
        allow_null=True,
        help_text="Its effect in one or two sentences; null where no run had read that state.",
    )
    affected_accounts = serializers.IntegerField(help_text="Accounts that the change affects.")
    newly_denied = serializers.IntegerField(help_text="Number of differences.")
    newly_allowed = serializers.IntegerField()
    undecided = serializers.IntegerField()
    changed_in_condition = serializers.ListField(
        child=serializers.CharField(), help_text="Actions that change in some requests only."
    )
    differences = SimulatedDifferenceRepresentation(
        many=True, help_text=f"The worst first, at most {MOST_DIFFERENCES}."
    )
    differences_total = serializers.IntegerField()
    account_groups = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Accounts with the same differences, each account in one group.",
    )
    unknown = UnknownAccountsRepresentation(many=True)
    catalogue_version = serializers.CharField()


class SimulationResultRepresentation(EffectsRepresentation):
    """What the edits would do. Accounts that are named nowhere stay as they are, proven."""

    checks = SimulationCheckRepresentation(many=True)


class SimulationRepresentation(JobRepresentation):
    """A simulation, and its result once it is complete."""

    result = SimulationResultRepresentation(allow_null=True)


class EditsJobDetail(JobDetail):
    """What edits would do, found by a job."""

    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Simulations"
    rights = {"GET": rights.SIMULATE}
    job_model = SimulationJob


class EditsEndpoint(OrganizationEndpoint):
    """What edits would do."""

    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Simulations"
    rights = {"POST": rights.SIMULATE}


class SimulationDetail(EditsJobDetail):
    """One simulation that was queued."""

    representation = SimulationRepresentation
    job_having = {"kind": SimulationJob.Kind.SIMULATION.value}
    job_noun = "simulation"
    job_route = "simulation"

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the progress of a queued simulation, and its result once it is complete."""
        return self.answer_with_job()


class Simulations(EditsEndpoint):
    """What edits would newly deny and allow."""

    representation = SimulationRepresentation
    takes = SimulationRequestRepresentation
    answers = answers_of(SimulationRepresentation, "The result.", fresh=True)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Return what edits of policies and of the tree would newly deny and allow.

        Answered at once where that is quick; else, or with `Prefer: respond-async`, a job is
        queued whose result is kept for a day. Nothing is changed in AWS.
        """
        operations, as_of = read_edits(self, request.data)
        simulated = edited_organization(self, operations, as_of)
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
                as_of=as_of,
                now=self.now,
            ),
            as_of=as_of,
        )


def read_edits(
    view: OrganizationEndpoint, body: Any, *, also: Sequence[str] = ()
) -> tuple[Sequence[Operation], datetime | None]:
    """Read the edits of a body, and the time of the state that they are done to.

    `also`: the names of further members, which are not read here.

    :raises ValidationError: naming each member that is wrong.
    """
    if not isinstance(body, dict):
        raise ValidationError({"non_field_errors": ["give an object with `operations`"]})
    unknown = sorted(set(body) - {"operations", "as_of", *also})
    if unknown:
        raise ValidationError({name: ["there is no such member"] for name in unknown})
    try:
        operations = read_operations(body.get("operations"))
    except OperationsInvalid as error:
        errors = {"/".join(map(str, ("operations", *path))): [w] for path, w in error.errors}
        raise ValidationError(errors) from error
    if not operations:
        raise ValidationError({"operations": ["give at least one operation"]})
    as_of = body.get("as_of")
    return operations, view.moment_of(None if as_of is None else str(as_of))


def edited_organization(
    view: OrganizationEndpoint, operations: Sequence[Operation], as_of: datetime | None
) -> Simulated:
    """Return what edits make of the organization.

    :raises ValidationError: naming each operation that cannot be done.
    """
    simulated = simulate(
        view.viewer,
        connection=view.connection,
        operations=operations,
        as_of=as_of,
        today=view.now.date(),
    )
    problems = simulated.drafted.problems
    if problems:
        raise ValidationError({"operations": {str(one.number): [one.message] for one in problems}})
    return simulated

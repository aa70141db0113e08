"""How questions and answers about paths are represented."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.parts.jobs import JobRepresentation
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.posture.paths.graph import EdgeKind
from governance.posture.paths.nodes import NodeKind, Privilege
from governance.posture.paths.reach import Direction
from governance.posture.paths.results import MOST_NODES
from governance.posture.who_can.ways import Standing

NODE_KINDS = [(kind.value, kind.value) for kind in NodeKind]
PRIVILEGE_LEVELS = [(level.value, level.value) for level in Privilege]
STEP_KINDS = [(kind.value, kind.value) for kind in EdgeKind]
STEP_STANDINGS = [(standing.value, standing.value) for standing in Standing]
DIRECTIONS = [(one.value, one.value) for one in Direction]
_LONGEST = 2048
_PLACE = (
    "An ARN, an account's id, a service, a provider (`host#tenant`), a vendor's name, `anyone`, "
    "`outside` or `administrators`."
)
TOLD = {
    "from": f"Where paths begin. {_PLACE} Backward it may be left out: everyone.",
    "to": f"Where they end. {_PLACE} Forward it may be left out: everything.",
    "direction": "forward: what `from` reaches. backward: who reaches `to`.",
    "sure_only": "Follow only steps that depend on no condition and on nothing unknown.",
}


@extend_schema_field({"type": "object", "additionalProperties": True})
class AnyMembersField(serializers.Field[Any, Any, Any, Any]):
    """Members whose names are not fixed."""

    def to_representation(self, value: Any) -> Any:
        """Return them as they are."""
        return value


class PathNodeRepresentation(serializers.Serializer[Any]):
    """A principal, someone outside, the control of an account, or a resource."""

    id = serializers.CharField(help_text="Its ARN, or what else names it in `from` and `to`.")
    kind = serializers.ChoiceField(choices=NODE_KINDS)
    name = serializers.CharField()
    account_id = serializers.CharField(allow_null=True)
    tenant = serializers.CharField(allow_null=True, help_text="What is left of a provider.")
    resource_type = serializers.CharField(allow_null=True)


class ReachedNodeRepresentation(Representation):
    """Something that is reached, or reaches. `by`: its step nearest to it."""

    id = serializers.CharField(help_text="Its ARN, or what else names it in `from` and `to`.")
    kind = serializers.ChoiceField(choices=NODE_KINDS)
    name = serializers.CharField()
    account_id = serializers.CharField(allow_null=True)
    tenant = serializers.CharField(allow_null=True, help_text="What is left of a provider.")
    resource_type = serializers.CharField(allow_null=True)
    privilege = serializers.ChoiceField(choices=PRIVILEGE_LEVELS)
    steps = serializers.IntegerField(help_text="In how few steps.")
    by = serializers.ChoiceField(choices=STEP_KINDS)
    standing = serializers.ChoiceField(choices=STEP_STANDINGS)


class PathPlaceRepresentation(serializers.Serializer[Any]):
    """Where paths begin or end."""

    text = serializers.CharField(help_text="As asked.")
    name = serializers.CharField()


class ReachCountsRepresentation(serializers.Serializer[Any]):
    """How much is reached."""

    principals = serializers.IntegerField()
    accounts = serializers.IntegerField()
    resources = serializers.IntegerField()
    administered_accounts = serializers.IntegerField()
    outside = serializers.IntegerField(help_text="Those outside who reach it, of backward.")
    by_privilege = serializers.DictField(child=serializers.IntegerField())
    by_steps = serializers.DictField(child=serializers.IntegerField())


class PathSummaryRepresentation(serializers.Serializer[Any]):
    """An answer in numbers."""

    start = PathPlaceRepresentation()
    end = PathPlaceRepresentation(allow_null=True)
    direction = serializers.ChoiceField(choices=DIRECTIONS)
    is_reached = serializers.BooleanField(
        allow_null=True, help_text="Whether the other end is; null: none was given."
    )
    counts = ReachCountsRepresentation()
    accounts_not_collected = serializers.IntegerField(
        help_text="Accounts whose principals are not known: the answer may lack steps."
    )


class PathPageRepresentation(serializers.Serializer[Any]):
    """A page of what is reached, the nearest first, and the numbers of all."""

    results = ReachedNodeRepresentation(many=True)
    next = serializers.URLField(allow_null=True)
    summary = PathSummaryRepresentation()


class StepStatementRepresentation(serializers.Serializer[Any]):
    """A statement that allows a step."""

    side = serializers.CharField(help_text="Identity policy, Trust policy, Resource policy, Grant.")
    policy_name = serializers.CharField()
    policy_arn = serializers.CharField(allow_null=True)
    holder_arn = serializers.CharField(help_text="Whose policy it is.")
    statement = serializers.IntegerField(allow_null=True, help_text="Its place, from 0.")
    sid = serializers.CharField(allow_null=True)
    action = serializers.CharField()
    asks = serializers.ListField(
        child=serializers.CharField(),
        help_text="What it is limited to: resources, and conditions with whether they hold.",
    )


class ChainStepRepresentation(serializers.Serializer[Any]):
    """One step of a chain."""

    kind = serializers.ChoiceField(choices=STEP_KINDS)
    standing = serializers.ChoiceField(choices=STEP_STANDINGS)
    privilege = serializers.ChoiceField(
        choices=PRIVILEGE_LEVELS, help_text="Of what the step leads to."
    )
    sentence = serializers.CharField()
    actions = serializers.ListField(child=serializers.CharField())
    escalation = serializers.CharField(
        allow_null=True, help_text="Id in the documented list of escalations."
    )
    trust_edge_key = serializers.CharField(allow_null=True)
    conditions = serializers.ListField(
        child=serializers.CharField(), help_text="Context keys on which it depends."
    )
    needs = serializers.CharField(allow_null=True, help_text="What must be there besides.")
    statements = StepStatementRepresentation(many=True)
    remedy = AnyMembersField(help_text="`text`, and where it can be said `statement` as JSON.")

    def get_fields(self) -> dict[str, Any]:
        """Add both ends; `from` is a word of Python's."""
        ends = {"from": PathNodeRepresentation(), "to": PathNodeRepresentation()}
        return {**ends, **super().get_fields()}


class CutEdgeRepresentation(ChainStepRepresentation):
    """A step whose removal alone cuts off something."""

    cuts_off = serializers.IntegerField(help_text="How many things are not reached without it.")


class CutsRepresentation(serializers.Serializer[Any]):
    """The single steps whose removal cuts off most, the best first."""

    total = serializers.IntegerField(help_text="How many things are reached with all steps.")
    is_exact = serializers.BooleanField(help_text="Whether no other step cuts off more.")
    edges = CutEdgeRepresentation(many=True)


class PathResultRepresentation(PathSummaryRepresentation):
    """The numbers, a shortest chain, the steps to cut, and what is reached."""

    chain = ChainStepRepresentation(many=True, help_text="Empty unless both ends are given.")
    cuts = CutsRepresentation()
    nodes = ReachedNodeRepresentation(many=True, help_text=f"At most {MOST_NODES:,}.")
    nodes_left_out = serializers.IntegerField()


class PathQuestionRepresentation(BodyRepresentation):
    """A question."""

    direction = serializers.ChoiceField(
        required=False, choices=DIRECTIONS, help_text=TOLD["direction"]
    )
    sure_only = serializers.BooleanField(required=False, help_text=TOLD["sure_only"])
    as_of = serializers.CharField(
        required=False, allow_null=True, help_text="Answer for that time; null: now."
    )

    def get_fields(self) -> dict[str, Any]:
        """Add both ends; `from` is a word of Python's."""
        ends = {
            name: serializers.CharField(required=False, max_length=_LONGEST, help_text=TOLD[name])
            for name in ("from", "to")
        }
        return {**ends, **super().get_fields()}


class PathJobRepresentation(JobRepresentation):
    """A question, and its answer once it is complete."""

    progress = serializers.CharField(allow_null=True, help_text="What is in progress.")
    result = PathResultRepresentation(allow_null=True)


class OpenGraphRepresentation(Representation):
    """The whole graph as BloodHound OpenGraph."""

    metadata = AnyMembersField(help_text="`source_kind`.")
    graph = AnyMembersField(help_text="`nodes` and `edges`, as BloodHound reads them.")

"""How states of an organization, their differences and what those meant are represented."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.parts.jobs import JobRepresentation
from governance.api.parts.representations import Representation
from governance.api.simulations import EffectsRepresentation
from governance.presentation.snapshot_texts import digests
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.kinds import DifferenceGroup, DifferenceKind, Subject
from governance.snapshots.sides import PathStep
from inventory.models import InventoryRun


class SnapshotRepresentation(Representation):
    """A state: the organization as one run of the whole of it saw it."""

    id = serializers.IntegerField(help_text="Of the run; names the state in `diff`.")
    at = serializers.DateTimeField(source="started_at")
    run_url = serializers.SerializerMethodField()
    run_state = serializers.ChoiceField(source="state", choices=InventoryRun.State.choices)
    rows_changed = serializers.SerializerMethodField(
        help_text="Versions of organization, OUs, accounts, policies, attachments and delegation "
        "that began or ended with it; 0: it saw what the state before was. Null: the first state."
    )

    def get_run_url(self, run: InventoryRun) -> str:
        """Return the run's address."""
        return _run_url(run.pk, self.context)

    def get_rows_changed(self, run: InventoryRun) -> int | None:
        """Return how much the run saw differ."""
        if run.started_at == self.context["first_at"]:
            return None
        found: int = self.context["changed"].get(run.started_at, 0)
        return found


class StepRepresentation(serializers.Serializer[Any]):
    """One root or OU on the way to a thing."""

    target_id = serializers.CharField()
    name = serializers.CharField()


def _steps(way: Iterable[PathStep]) -> list[dict[str, str]]:
    # A serializer a step would take most of the time of a page.
    return [{"target_id": step.target_id, "name": step.name} for step in way]


class GapState(TextChoices):
    """Why something of a state was not read completely."""

    DENIED = "denied"
    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    INCONSISTENT = "inconsistent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class NotReadRepresentation(serializers.Serializer[Any]):
    """Collectors that had not read a state whole: what they read may be older than the state."""

    collectors = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(
        choices=GapState.choices, help_text="unknown: they had never run by then."
    )
    message = serializers.CharField(help_text="What went wrong.")
    remedy = serializers.CharField()
    complete_at = serializers.DateTimeField(
        allow_null=True, help_text="When they were last complete by then; null: never."
    )


class SideRepresentation(serializers.Serializer[Any]):
    """One of the two states."""

    at = serializers.DateTimeField(allow_null=True, help_text="Null: now.")
    run_id = serializers.IntegerField(allow_null=True, help_text="If it was named by its run.")
    not_read = NotReadRepresentation(many=True, help_text="Empty: all of it had been read.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An account that was moved",
            value={
                "key": "account_moved:222222222223",
                "kind": "account_moved",
                "group": "accounts",
                "subject": "ACCOUNT",
                "subject_id": "222222222223",
                "name": "website",
                "target_id": None,
                "target_type": None,
                "target_name": None,
                "policy_type": None,
                "aws_managed": False,
                "before": {"parent_id": "ou-ab12-prod0001"},
                "after": {"parent_id": "ou-ab12-test0001"},
                "path_before": [
                    {"target_id": "r-ab12", "name": "Root"},
                    {"target_id": "ou-ab12-prod0001", "name": "Prod"},
                ],
                "path_after": [
                    {"target_id": "r-ab12", "name": "Root"},
                    {"target_id": "ou-ab12-test0001", "name": "Test"},
                ],
                "lines_removed": None,
                "lines_added": None,
                "since": "2026-11-26T09:00:00Z",
                "run_url": "/api/v1/organizations/acme/inventory-runs/42",
                "consequence": False,
                "loud": False,
            },
            response_only=True,
        )
    ]
)
class SnapshotDifferenceRepresentation(Representation):
    """One thing that differs in one way between two states."""

    key = serializers.CharField(help_text="Unique among the differences of two states.")
    kind = serializers.ChoiceField(choices=[kind.value for kind in DifferenceKind])
    group = serializers.ChoiceField(choices=[group.value for group in DifferenceGroup])
    subject = serializers.ChoiceField(choices=[subject.value for subject in Subject])
    subject_id = serializers.CharField()
    name = serializers.CharField(help_text="Its later name, if it still exists.")
    target_id = serializers.SerializerMethodField(
        help_text="Where a policy was attached or detached, or who administers a service."
    )
    target_type = serializers.SerializerMethodField(help_text="In AWS's words.")
    target_name = serializers.SerializerMethodField()
    policy_type = serializers.SerializerMethodField(help_text="AWS's policy type.")
    aws_managed = serializers.BooleanField(help_text="Whether AWS manages the policy.")
    before = serializers.DictField(
        allow_null=True, help_text="The values that differ; null: it did not exist."
    )
    after = serializers.DictField(allow_null=True, help_text="Null: it no longer exists.")
    path_before = serializers.SerializerMethodField(
        help_text="Root and OUs above it, or above the target."
    )
    path_after = serializers.SerializerMethodField()
    lines_removed = serializers.SerializerMethodField(help_text="Where a text changed, else null.")
    lines_added = serializers.SerializerMethodField(help_text="Where a text changed, else null.")
    since = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    run_url = serializers.SerializerMethodField(help_text="That run; null if it is gone.")
    consequence = serializers.BooleanField(
        help_text="Whether it follows from another difference: an attachment that AWS made with "
        "an account, or removed with it."
    )
    loud = serializers.BooleanField(
        help_text="Whether FullAWSAccess was detached, or SCPs or RCPs were disabled."
    )

    @extend_schema_field(StepRepresentation(many=True))
    def get_path_before(self, one: SnapshotDifference) -> list[dict[str, str]]:
        """Return the way to it at the earlier time, root first."""
        return _steps(one.way_before)

    @extend_schema_field(StepRepresentation(many=True))
    def get_path_after(self, one: SnapshotDifference) -> list[dict[str, str]]:
        """Return the way to it at the later time, root first."""
        return _steps(one.way_after)

    def get_target_id(self, one: SnapshotDifference) -> str | None:
        """Return the target, if there is one."""
        return one.target_id or None

    def get_target_type(self, one: SnapshotDifference) -> str | None:
        """Return the target's kind, if there is a target."""
        return one.target_type or None

    def get_target_name(self, one: SnapshotDifference) -> str | None:
        """Return the target's name, if there is a target."""
        return one.target_name or None

    def get_policy_type(self, one: SnapshotDifference) -> str | None:
        """Return the type, if it is about a policy or a type."""
        return one.policy_type or None

    def get_lines_removed(self, one: SnapshotDifference) -> int | None:
        """Return the lines that are in the text no more."""
        return self._lines(one)[0]

    def get_lines_added(self, one: SnapshotDifference) -> int | None:
        """Return the lines that are new in the text."""
        return self._lines(one)[1]

    def get_run_url(self, one: SnapshotDifference) -> str | None:
        """Return the address of the run."""
        run_id = self.context["runs"].get(one.since)
        return None if run_id is None else _run_url(run_id, self.context)

    def _lines(self, one: SnapshotDifference) -> tuple[int | None, int | None]:
        pair = digests(one)
        found: tuple[int | None, int | None] = (None, None)
        return found if pair is None else self.context["lines"].get(pair, found)


class SnapshotDifferencePageRepresentation(serializers.Serializer[Any]):
    """A page of the differences between two states."""

    results = SnapshotDifferenceRepresentation(many=True)
    next = serializers.URLField(allow_null=True)
    total = serializers.IntegerField(help_text="Differences that pass the filters.")
    before = SideRepresentation()
    after = SideRepresentation()
    read_first_after = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Collector → things that were first read after the earlier state, which could "
        "not read any: whether they are new is unknown, so they are no differences.",
    )


class EffectResultRepresentation(EffectsRepresentation):
    """What the difference meant for SCPs and RCPs."""

    only_before = serializers.ListField(
        child=serializers.CharField(), help_text="Accounts that were there only then: not compared."
    )
    only_after = serializers.ListField(child=serializers.CharField())


class SnapshotEffectRepresentation(JobRepresentation):
    """What a difference meant, once it is complete."""

    before_at = serializers.DateTimeField()
    after_at = serializers.DateTimeField()
    result = EffectResultRepresentation(allow_null=True)


def _run_url(run_id: int, context: Mapping[str, Any]) -> str:
    return reverse(
        "api:inventory-run",
        kwargs={"slug": context["slug"], "run_id": run_id},
        request=context["request"],
    )

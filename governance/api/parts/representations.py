"""What the answers of several resources have in common."""

import functools
from collections.abc import Collection
from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from inventory.selectors.coverage import CoverageSummary, Knowledge
from inventory.selectors.freshness import Freshness
from inventory.selectors.organization_coverage import OrganizationCoverage


class ValueState(TextChoices):
    """Whether something that AWS has at most one of is there."""

    SET = "set"
    NONE = "none"
    UNKNOWN = "unknown"


class Representation(serializers.Serializer[Any]):
    """How a thing is represented. With `only`, just those of its fields."""

    def __init__(self, *args: Any, only: Collection[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only is not None:
            for name in set(self.fields) - set(only):
                del self.fields[name]


class BodyRepresentation(serializers.Serializer[Any]):
    """The body of a request, of which every member must be known."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the body; a member that is not known is an error.

        :raises ValidationError: so it is, or a member is none of its kind.
        """
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                message = f"no such member; there are {', '.join(self.fields)}"
                raise ValidationError({name: [message] for name in unknown})
        return super().to_internal_value(data)


def read_body(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Read the body of a request.

    :raises ValidationError: naming each member that is wrong.
    """
    given = kind(data=request.data)
    _name_choices(given)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


def _name_choices(field: serializers.Field[Any, Any, Any, Any]) -> None:
    """Have the errors of a field, and of all in it, say which values there are."""
    if isinstance(field, serializers.ChoiceField):
        listed = ", ".join(map(str, field.choices)).replace("{", "{{").replace("}", "}}")
        field.error_messages["invalid_choice"] = f'"{{input}}" is not valid; choose one of {listed}'
    elif isinstance(field, serializers.Serializer):
        for inner in field.fields.values():
            _name_choices(inner)
    else:
        child = getattr(field, "child", None)
        if isinstance(child, serializers.Field):
            _name_choices(child)


class CoverageSummaryRepresentation(Representation):
    """How well something is known. Counts are of collectors; null where nothing was collected."""

    knowledge = serializers.ChoiceField(
        choices=[knowledge.value for knowledge in Knowledge],
        help_text=(
            "unknown: never collected. denied: AWS refused. failed: nothing could be read. "
            "partial: some could not be read. stale: everything was read, too long ago. "
            "collected: everything was read recently. skipped: suspended or closed, so it cannot "
            "be read."
        ),
    )
    total = serializers.IntegerField(allow_null=True)
    complete = serializers.IntegerField(allow_null=True)
    denied = serializers.IntegerField(allow_null=True)
    unsupported = serializers.IntegerField(allow_null=True)
    oldest_complete_at = serializers.DateTimeField(
        allow_null=True, help_text="Null if one collector was never complete."
    )
    newest_attempt_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: CoverageSummary) -> dict[str, Any]:
        """Give counts of nothing as null."""
        serialized = super().to_representation(instance)
        if instance.knowledge == Knowledge.UNKNOWN:
            return {
                name: value if name == "knowledge" else None for name, value in serialized.items()
            }
        return serialized


class UnreadSourceRepresentation(serializers.Serializer[Any]):
    """A collector that did not read all the last time, or too long ago."""

    collector = serializers.CharField()
    label = serializers.CharField(help_text="What it reads.")  # type: ignore[assignment]
    state = serializers.CharField(
        help_text="As in coverage; unknown: it never ran; stale: read too long ago."
    )
    accounts = serializers.IntegerField(
        help_text="In how many accounts; 0 where it reads the organization."
    )
    last_complete_at = serializers.DateTimeField(
        allow_null=True, help_text="For several accounts the oldest; null: never, in one."
    )
    message = serializers.CharField(allow_blank=True)
    remedy = serializers.CharField(allow_blank=True)


class FreshnessRepresentation(serializers.Serializer[Any]):
    """How fresh the data behind an answer is."""

    state = serializers.ChoiceField(
        choices=[state.value for state in Freshness],
        help_text=(
            "fresh: everything was read recently. stale: too long ago. incomplete: the last "
            "reading was not complete, so some data is older. unknown: some of it was never "
            "read."
        ),
    )
    complete_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the organization's part of it had all been read; null: never, or no part.",
    )
    unread = UnreadSourceRepresentation(many=True)


@functools.cache
def fresh_representation(representation: Any) -> Any:
    """Return how an answer is represented together with how fresh it is."""
    fields = {"__doc__": representation.__doc__, "freshness": FreshnessRepresentation()}
    name = representation.__name__.removesuffix("Representation")
    return type(f"{name}WithFreshnessRepresentation", (representation,), fields)


class AccountsKnownRepresentation(serializers.Serializer[Any]):
    """How well the accounts that an answer draws on are known."""

    accounts = serializers.IntegerField(
        allow_null=True, help_text="Null until the organization has been read."
    )
    by_knowledge = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Number of accounts by coverage.",
    )
    oldest_complete_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: OrganizationCoverage) -> dict[str, Any]:
        """Give a count of nothing read as null."""
        serialized = super().to_representation(instance)
        unread = instance.accounts == 0 and instance.organization.knowledge == Knowledge.UNKNOWN
        return {**serialized, "accounts": None} if unread else serialized


class LastReadingRepresentation(serializers.Serializer[Any]):
    """Of when rows are whose account is suspended or closed, or whose region is no longer read."""

    account_state = serializers.CharField(
        help_text="AWS's state of the account: SUSPENDED. ACTIVE: only the row's region is no "
        "longer read."
    )
    read_at = serializers.DateTimeField(
        allow_null=True, help_text="When they were last read completely; null: never, or not known."
    )


@extend_schema_field(LastReadingRepresentation(allow_null=True))
class LastReadingField(serializers.Field[Any, Any, Any, Any]):
    """The last reading that a row goes back to, of those in the context's `last_readings`."""

    def __init__(self) -> None:
        super().__init__(
            source="*",
            read_only=True,
            help_text="Null: account and region are read. Else it is as of this reading.",
        )

    def to_representation(self, value: Any) -> Any:
        """Get the reading of the row's account."""
        row = getattr(value, "principal", value)
        found = self.context["last_readings"].get(row.account_id)
        if found is None and "region_readings" in self.context:
            found = self.context["region_readings"].get((row.account_id, row.region))
        return None if found is None else LastReadingRepresentation(found).data


class DiagnosticRepresentation(serializers.Serializer[Any]):
    """What is wrong with a policy's text, and where."""

    code = serializers.CharField()
    severity = serializers.CharField()
    message = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    path = serializers.CharField(help_text="Such as Statement[0].Condition; empty: the whole text.")


class AttachedPolicyRepresentation(serializers.Serializer[Any]):
    """A policy as attached to a target."""

    policy_id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField(help_text="AWS's policy type.")
    aws_managed = serializers.BooleanField()


class LevelRepresentation(serializers.Serializer[Any]):
    """One step of the way from the root, with the policies attached at it."""

    target_id = serializers.CharField()
    target_type = serializers.CharField(source="kind", help_text="In AWS's words.")
    name = serializers.CharField()
    policies = AttachedPolicyRepresentation(many=True)


class LevelsRepresentation(Representation):
    """The way from the root down to a target."""

    target_id = serializers.CharField()
    levels = LevelRepresentation(many=True)


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": "string"}, "nullable": True}
)
class TagsField(serializers.JSONField):
    """AWS's tags, key → value; null where they were never read (`tags_known` in the context)."""

    def __init__(self) -> None:
        super().__init__(help_text="Key → value; null: never read, or not visible to you.")

    def to_representation(self, value: Any) -> Any:
        """Return the tags if they are known."""
        return value if self.context.get("tags_known", True) else None


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class PathField(serializers.CharField):
    """Ids from the root to the parent, or to the unit itself."""

    def to_representation(self, value: str) -> Any:
        """Return the ids as a list."""
        return [step for step in value.split("/") if step]

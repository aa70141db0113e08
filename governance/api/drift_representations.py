"""Representations of drift, of how it is resolved, and of ignore rules."""

from typing import Any, Final, cast

from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.parts.representations import BodyRepresentation, Representation
from governance.drift.explaining import explanation_words, unexplained_words
from governance.drift.ignoring import LONGEST_REASON
from governance.drift.models import DriftItem, IgnoreRule
from governance.drift.resolving import MOST_AT_ONCE

DRIFT_KINDS: Final = DriftItem.Kind.choices
RESOLUTIONS: Final = ["adopt", "revert", "except", "ignore"]


class DriftSummaryRepresentation(Representation):
    """Something that differs, as lists show it."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=DRIFT_KINDS)
    kind_label = serializers.CharField(source="get_kind_display")
    target_kind = serializers.CharField(help_text="Such as account, policy, guardrail or role.")
    target_id = serializers.CharField()
    target_name = serializers.CharField(allow_blank=True)
    place_id = serializers.CharField(
        allow_blank=True, help_text="The root, OU or account in which it lies."
    )
    account_id = serializers.CharField(allow_blank=True)
    attribute = serializers.CharField(allow_blank=True, help_text="What of it differs.")
    effect = serializers.ChoiceField(choices=DriftItem.DriftEffect.choices)
    severity = serializers.ChoiceField(choices=DriftItem.DriftSeverity.choices)
    accounts = serializers.IntegerField(help_text="How many accounts it concerns.")
    state = serializers.ChoiceField(choices=DriftItem.State.choices)
    verified = serializers.BooleanField(
        help_text="False: its place cannot be read any more, so it is not known whether it stands."
    )
    first_seen_at = serializers.DateTimeField(help_text="Since it last matched the baseline.")
    last_seen_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolution = serializers.CharField(allow_blank=True)
    reopened = serializers.IntegerField(help_text="How often it recurred.")
    explained_by = serializers.SerializerMethodField(
        help_text="Who did it, or that there is no log source."
    )

    def get_url(self, item: DriftItem) -> str:
        """Return the address of the item."""
        address: str = reverse(
            "api:drift-item",
            kwargs={"slug": self.context["slug"], "drift_id": item.pk},
            request=self.context["request"],
        )
        return address

    def get_explained_by(self, item: DriftItem) -> str:
        """Return who did it."""
        if item.explained_by:
            return explanation_words(item)
        context = cast("dict[str, Any]", self.context)
        if "unexplained" not in context:
            context["unexplained"] = unexplained_words(item.connection)
        return str(context["unexplained"])


class DriftRepresentation(DriftSummaryRepresentation):
    """Something that differs, with both sides."""

    desired = serializers.JSONField(allow_null=True, help_text="Null: it should not exist.")
    collected = serializers.JSONField(allow_null=True, help_text="Null: it does not exist.")
    base = serializers.JSONField(
        allow_null=True, help_text="The collected side when the baseline moved, where it did."
    )
    effect_detail = serializers.JSONField(
        help_text="Counts of actions newly allowed and denied, accounts, requests that show it."
    )
    baseline_version = serializers.IntegerField(allow_null=True)
    explanation = serializers.JSONField(source="explained_by", allow_null=True)
    owners = serializers.SerializerMethodField(help_text="Who owns the place in which it lies.")

    def get_owners(self, item: DriftItem) -> list[str]:
        """Return the names of the owners."""
        return list(self.context["owners"])


class DriftEventRepresentation(Representation):
    """Something that happened to drift."""

    at = serializers.DateTimeField()
    what = serializers.CharField(help_text="Such as seen, changed, gone, back or not readable.")
    actor = serializers.CharField(
        source="actor.username", default=None, allow_null=True, help_text="Null: a run."
    )
    detail = serializers.JSONField()


class DriftHistoryRepresentation(Representation):
    """The history of drift, the oldest first."""

    results = DriftEventRepresentation(many=True)


class DriftPageRepresentation(Representation):
    """A page of drift."""

    results = DriftSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)
    looked_at = serializers.DateTimeField(
        allow_null=True, help_text="When drift was looked for last; null: never."
    )
    baseline_version = serializers.IntegerField(allow_null=True)


class DriftChosenRepresentation(BodyRepresentation):
    """Drift that is chosen together."""

    items = serializers.ListField(
        child=serializers.IntegerField(), min_length=1, max_length=MOST_AT_ONCE
    )


class DriftResolveRepresentation(DriftChosenRepresentation):
    """How to put drift right."""

    how = serializers.ChoiceField(
        choices=RESOLUTIONS,
        help_text="adopt: the collected side is agreed. revert: a draft of a change request that "
        "restores the desired side. except: a draft of an exception from the guardrail that "
        "fails. ignore: until a day.",
    )
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, default="")
    until = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Last day; except or ignore."
    )
    title = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="To revert."
    )


class DriftResolvedRepresentation(Representation):
    """What came of putting drift right."""

    how = serializers.ChoiceField(choices=RESOLUTIONS)
    baseline_version = serializers.IntegerField(
        allow_null=True, help_text="The version created; null: none."
    )
    change_request = serializers.IntegerField(
        allow_null=True, help_text="Number of the draft; null: none."
    )
    exceptions = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of the drafts."
    )
    ignore_rules = serializers.ListField(child=serializers.IntegerField())
    items = DriftSummaryRepresentation(many=True)


class DriftEffectCountRepresentation(serializers.Serializer[Any]):
    """Of how many actions, in how many accounts."""

    actions = serializers.IntegerField()
    accounts = serializers.IntegerField()


class DriftPreviewRepresentation(Representation):
    """What bringing some drift back would do, as one edit."""

    operations = serializers.JSONField(help_text="As a change request takes them.")
    newly_denied = DriftEffectCountRepresentation()
    newly_allowed = DriftEffectCountRepresentation()
    undecided_accounts = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.CharField())


class IgnoreRuleRepresentation(Representation):
    """A rule by which drift is ignored."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=DRIFT_KINDS, allow_blank=True, help_text="Empty: any.")
    target_id = serializers.CharField(
        allow_blank=True, help_text="A place, with all below it; empty: anywhere."
    )
    attribute = serializers.CharField(allow_blank=True, help_text="Empty: any.")
    reason = serializers.CharField()
    until = serializers.DateField(help_text="The last day.")
    made_by = serializers.CharField(source="made_by.username")
    made_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    in_force = serializers.SerializerMethodField()

    def get_in_force(self, rule: IgnoreRule) -> bool:
        """Return whether it holds today."""
        return rule.ended_at is None and bool(rule.until >= self.context["today"])


class IgnoreRulePageRepresentation(Representation):
    """A page of ignore rules."""

    results = IgnoreRuleRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class NewIgnoreRuleRepresentation(BodyRepresentation):
    """What to ignore."""

    kind = serializers.ChoiceField(
        choices=DRIFT_KINDS, required=False, allow_blank=True, default=""
    )
    target_id = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")
    attribute = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=LONGEST_REASON)
    until = serializers.DateField()

"""What a policy does as the API shows it: its lint, whom it reaches, statements, versions."""

from typing import Any, Final

from rest_framework import serializers

from governance.api.parts.representations import Representation
from governance.api.simulations import WitnessRepresentation
from governance.effects.request_effects import Verdict
from governance.policy_effect.reach import Bound, PolicyReach
from governance.policy_effect.statements import StatementState
from governance.policy_effect.why_idle import NoEffect
from inventory.models import Account
from policies.lint import LintFinding, LintSeverity

MOST_DIFFERENCES: Final = 1000

STATEMENT_EFFECTS: Final = ["Allow", "Deny"]


class LintFindingRepresentation(serializers.Serializer[Any]):
    """One finding."""

    code = serializers.CharField(help_text="Stable; identifies the finding.")
    severity = serializers.ChoiceField(
        choices=[severity.value for severity in LintSeverity],
        help_text="error: AWS would refuse the text. warning: likely not meant. note: to know.",
    )
    message = serializers.CharField()
    line = serializers.IntegerField(help_text="Of the text as AWS returned it, from 1.")
    column = serializers.IntegerField(help_text="In characters, from 1.")
    path = serializers.CharField(help_text="Such as Statement[0].Action; empty: the whole.")
    statement = serializers.IntegerField(allow_null=True, help_text="From 1.")
    sid = serializers.CharField(allow_null=True)

    def to_representation(self, instance: LintFinding) -> dict[str, Any]:
        """Count statements from 1, as everywhere in this API."""
        serialized = super().to_representation(instance)
        return {
            **serialized,
            "statement": None if instance.statement is None else instance.statement + 1,
        }


class PolicyLintRepresentation(Representation):
    """What lint has to say of a policy, by the limits of today."""

    policy_id = serializers.CharField()
    content_sha256 = serializers.CharField()
    checked = serializers.BooleanField(help_text="False: its type is newer than the checks.")
    is_readable = serializers.BooleanField(
        allow_null=True,
        help_text="False: it counts as unknown in every ceiling it touches. Null: not checked.",
    )
    unknown_accounts = serializers.IntegerField(
        help_text="Accounts whose ceiling it makes unknown; 0 if it can be read."
    )
    size = serializers.IntegerField(help_text="Characters that count.", allow_null=True)
    size_limit = serializers.IntegerField(allow_null=True, help_text="Null: AWS states none.")
    findings = LintFindingRepresentation(
        many=True, allow_null=True, help_text="In the order of the text; null: not checked."
    )


class ViaRepresentation(serializers.Serializer[Any]):
    """A target through which a policy reaches an account."""

    target_id = serializers.CharField()
    target_type = serializers.CharField(source="kind", help_text="In AWS's words.")
    name = serializers.CharField()


class ReachedAccountRepresentation(Representation):
    """An account that a policy reaches."""

    account_id = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    bound = serializers.ChoiceField(
        choices=[bound.value for bound in Bound],
        help_text="bound: it has effect there. management_account: SCPs and RCPs do not bind it. "
        "not_enabled: its type is not enabled at the root. not_known: its type was never read "
        "whole.",
    )
    via = serializers.SerializerMethodField()

    def get_via(self, account: Account) -> list[dict[str, Any]]:
        """Return the targets, the highest first."""
        reach: PolicyReach = self.context["reach"]
        serialized: Any = ViaRepresentation(reach.via(account.account_id), many=True).data
        return list(serialized)


class StatementReasonRepresentation(serializers.Serializer[Any]):
    """Why a statement has no effect."""

    why = serializers.ChoiceField(choices=[why.value for why in NoEffect])
    said = serializers.CharField(help_text="In words.")
    target_ids = serializers.ListField(
        child=serializers.CharField(), help_text="Where it is so; empty: everywhere."
    )
    by_policy_id = serializers.SerializerMethodField(help_text="The policy that decides there.")
    by_statement = serializers.SerializerMethodField(help_text="Its statement, from 1.")

    def get_by_policy_id(self, reason: Any) -> str | None:
        """Return the deciding policy, None where it is not one statement."""
        return reason.by.policy.policy_id if reason.by else None

    def get_by_statement(self, reason: Any) -> int | None:
        """Return the deciding statement's number."""
        return reason.by.number if reason.by else None


class PolicyStatementRepresentation(Representation):
    """What one statement of an SCP or RCP changes where the policy is attached."""

    number = serializers.IntegerField(help_text="Its place in the policy, from 1.")
    sid = serializers.CharField(help_text="Empty if it has none.")
    effect = serializers.ChoiceField(choices=STATEMENT_EFFECTS)
    state = serializers.ChoiceField(
        choices=[state.value for state in StatementState],
        help_text="effect and no_effect are proven: without the statement some request, or none, "
        "would be decided differently.",
    )
    accounts = serializers.IntegerField(help_text="In which it is proven to decide something.")
    reached = serializers.IntegerField(help_text="Accounts that the policy binds.")
    beyond_catalogue = serializers.BooleanField(
        help_text="It decides only actions that the catalogue does not have."
    )
    reasons = StatementReasonRepresentation(many=True, help_text="Why it has no effect.")
    undecided = serializers.CharField(
        help_text="What is not proven, and why; empty if everything is."
    )
    catalogue_version = serializers.CharField()


class ComparedVersionRepresentation(serializers.Serializer[Any]):
    """One of two versions."""

    number = serializers.IntegerField()
    seen_from = serializers.DateTimeField()
    content_sha256 = serializers.CharField(source="content_id")


class VersionDifferenceRepresentation(serializers.Serializer[Any]):
    """Requests that the two versions decide differently, each by itself."""

    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    actions = serializers.ListField(child=serializers.CharField())
    actions_total = serializers.IntegerField(allow_null=True)
    when = serializers.CharField(help_text="`always`, or in which requests.")
    where = serializers.ListField(
        child=serializers.CharField(),
        help_text="any account; any account without FullAWSAccess; or an account that a text "
        "names.",
    )
    remark = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True, help_text="Why it is undecided.")
    witness = WitnessRepresentation(allow_null=True)


class SettingChangeRepresentation(serializers.Serializer[Any]):
    """A setting of a management policy that differs."""

    path = serializers.ListField(child=serializers.CharField())
    before = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Null: not set."
    )
    after = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Null: not set."
    )


class PolicyVersionDiffRepresentation(Representation):
    """What differs between two versions of a policy, policy against policy."""

    policy_id = serializers.CharField()
    before = ComparedVersionRepresentation()
    after = ComparedVersionRepresentation()
    text = serializers.CharField(help_text="A unified diff of the texts, laid out; empty: equal.")
    meaning = serializers.ChoiceField(
        choices=["same", "differs", "undecided", "unreadable", "not_checked"],
        help_text="same and differs are proven. unreadable: a text has no meaning. not_checked: "
        "the policy type is newer than the checks.",
    )
    differences = VersionDifferenceRepresentation(
        many=True,
        allow_null=True,
        help_text=f"Of an SCP or RCP, at most {MOST_DIFFERENCES}; null for other types.",
    )
    settings = SettingChangeRepresentation(
        many=True, allow_null=True, help_text="Of a management policy; null for SCPs and RCPs."
    )


class VersionDiffRequestRepresentation(serializers.Serializer[Any]):
    """In which state of the organization to compare."""

    as_of = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Where the policy was attached then; null: as of the latest run.",
    )

"""How who-can questions and answers are represented."""

from typing import Any

from rest_framework import serializers

from governance.api.explain import ASSUMED_OF_RESOURCE
from governance.api.parts.jobs import JobRepresentation
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.posture.who_can.population import KINDS
from governance.posture.who_can.results import MOST_PRINCIPALS
from governance.posture.who_can.ways import Standing

KIND_CHOICES = [(kind, kind) for kind in KINDS]
_STANDINGS = [(standing.value, standing.value) for standing in Standing]
_LONGEST = 2048
_MOST_TERMS = 20
TOLD = {
    "action": "An action such as s3:GetObject, a pattern of one service's such as s3:Put*, or a "
    "service such as s3: any of its actions.",
    "resource": "An ARN, which may have wildcards; `*` and nothing are whatever the action works "
    "on.",
    "resource_account_id": "Account of the resource, if its ARN does not name it; default: each "
    "caller's own.",
    "assume": "The assumptions, as on screen: `aws:RequestedRegion=eu-west-1`, "
    "`!aws:SourceVpce` (absent), `principal=role`, `principal!=root`, or `nothing` alone. By "
    "default: a region that the organization's policies allow, and not the root user.",
    "resource_policy": "The resource's own policy. By default the collected one, as buckets have; "
    "where none is collected, none, but for keys of KMS, which always have one.",
    "under": "Id of the root, an OU or an account: only principals there.",
    "standing": "always: allowed in every request. conditional: on conditions. unknown: policies "
    "that are not known decide. Several times for several.",
    "kind": "root, user or role. Several times for several.",
}


class PolicySourceRepresentation(serializers.Serializer[Any]):
    """A policy that bears."""

    kind = serializers.CharField(
        help_text="scp, rcp, managed, inline, boundary, trust, root, or aws (no permission needed)."
    )
    name = serializers.CharField()
    arn = serializers.CharField(allow_null=True, help_text="Of a managed policy.")
    policy_id = serializers.CharField(allow_null=True, help_text="Of an SCP or RCP.")
    target_id = serializers.CharField(allow_null=True, help_text="Where that is attached.")
    via_group = serializers.CharField(allow_null=True)


class WhoCanConditionRepresentation(serializers.Serializer[Any]):
    """A statement on which it hangs."""

    effect = serializers.CharField(help_text="Allow or Deny.")
    text = serializers.CharField(help_text="`only if …` or `unless …`.")
    policies = PolicySourceRepresentation(many=True)


class WhoCanActionsRepresentation(serializers.Serializer[Any]):
    """Actions by what is known of each; a member without any is absent."""

    always = serializers.ListField(child=serializers.CharField(), required=False)
    conditional = serializers.ListField(child=serializers.CharField(), required=False)
    unknown = serializers.ListField(child=serializers.CharField(), required=False)


class WhoCanPrincipalRepresentation(Representation):
    """A principal that is not denied. Conditions are of the best of its actions."""

    arn = serializers.CharField()
    account_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    standing = serializers.ChoiceField(choices=_STANDINGS)
    service_linked = serializers.BooleanField()
    actions = WhoCanActionsRepresentation()
    allowed_by = PolicySourceRepresentation(many=True)
    conditions = WhoCanConditionRepresentation(many=True)
    not_known = serializers.ListField(child=serializers.CharField())
    last_use = serializers.CharField(help_text="used, none_on_record or unknown.")
    last_used_at = serializers.DateTimeField(allow_null=True)


class WhoCanUnitRepresentation(serializers.Serializer[Any]):
    """What lies right below the scope, with the principals at any depth below that."""

    target_id = serializers.CharField()
    name = serializers.CharField()
    always = serializers.IntegerField()
    conditional = serializers.IntegerField()
    unknown = serializers.IntegerField()
    accounts = serializers.IntegerField()
    accounts_not_collected = serializers.IntegerField()


class WhoCanSummaryRepresentation(serializers.Serializer[Any]):
    """An answer in numbers, under the filters."""

    action = serializers.CharField()
    actions = serializers.IntegerField(help_text="How many actions that means.")
    resource = serializers.CharField()
    resource_account_id = serializers.CharField(
        allow_null=True, help_text="Null: each caller's own account."
    )
    assume = serializers.ListField(child=serializers.CharField())
    resource_policy = serializers.ChoiceField(choices=ASSUMED_OF_RESOURCE)
    principals = serializers.IntegerField()
    accounts = serializers.IntegerField()
    always = serializers.IntegerField()
    conditional = serializers.IntegerField()
    unknown = serializers.IntegerField()
    kinds = serializers.DictField(child=serializers.IntegerField())
    accounts_not_collected = serializers.IntegerField(
        help_text="Accounts whose principals are not known, but for the root user."
    )
    may_be_let_in_besides = serializers.BooleanField(
        help_text="Whether resource policies, which are not collected, may allow others."
    )
    also_named_by_trust = serializers.ListField(
        child=serializers.CharField(), help_text="Others that a role's trust policy names."
    )
    units = WhoCanUnitRepresentation(many=True)


class WhoCanPageRepresentation(serializers.Serializer[Any]):
    """A page of those who may, by account id and ARN, and the numbers of all."""

    results = WhoCanPrincipalRepresentation(many=True)
    next = serializers.URLField(allow_null=True)
    summary = WhoCanSummaryRepresentation()


class WhoCanFoundRepresentation(serializers.Serializer[Any]):
    """One of those who may, in short."""

    arn = serializers.CharField()
    account_id = serializers.CharField()
    standing = serializers.ChoiceField(choices=_STANDINGS)


class WhoCanResultRepresentation(WhoCanSummaryRepresentation):
    """The numbers, and who may."""

    results = WhoCanFoundRepresentation(many=True, help_text=f"At most {MOST_PRINCIPALS:,}.")
    is_complete = serializers.BooleanField(help_text="Whether `results` are all.")


class WhoCanQuestionRepresentation(BodyRepresentation):
    """A question."""

    action = serializers.CharField(max_length=256, help_text=TOLD["action"])
    resource = serializers.CharField(
        required=False, max_length=_LONGEST, help_text=TOLD["resource"]
    )
    resource_account_id = serializers.CharField(
        required=False, max_length=12, help_text=TOLD["resource_account_id"]
    )
    assume = serializers.ListField(
        required=False,
        max_length=_MOST_TERMS,
        child=serializers.CharField(max_length=512),
        help_text=TOLD["assume"],
    )
    resource_policy = serializers.ChoiceField(
        required=False, choices=ASSUMED_OF_RESOURCE, help_text=TOLD["resource_policy"]
    )
    under = serializers.CharField(required=False, max_length=68, help_text=TOLD["under"])
    standing = serializers.ListField(
        required=False,
        child=serializers.ChoiceField(choices=_STANDINGS),
        help_text=TOLD["standing"],
    )
    kind = serializers.ListField(
        required=False, child=serializers.ChoiceField(choices=KIND_CHOICES), help_text=TOLD["kind"]
    )
    as_of = serializers.CharField(
        required=False, allow_null=True, help_text="Answer for that time; null: now."
    )


class WhoCanJobRepresentation(JobRepresentation):
    """A question, and its answer once it is complete."""

    progress = serializers.CharField(allow_null=True, help_text="What is in progress.")
    result = WhoCanResultRepresentation(allow_null=True)

"""/policies/…: lint, the accounts reached, what each statement and each version changes."""

import time
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.endpoints import ListEndpoint, OrganizationEndpoint, by
from governance.api.idempotency import idempotent
from governance.api.pagination import Key, Page, PageRequest, page_of_part
from governance.api.permissions import person_of
from governance.api.policies import OnePolicy, found_policy
from governance.api.problems import NOT_FOUND, Problem
from governance.api.representations import Representation
from governance.api.simulations import (
    SimulationRepresentation,
    WitnessRepresentation,
    told_at_once,
    told_job,
)
from governance.filtering.reached_accounts import ReachedAccountFilters
from governance.policy_effect.linting import lint_of
from governance.policy_effect.reach import Bound, PolicyReach, policy_reach, reached_accounts
from governance.policy_effect.statements import (
    StatementEffect,
    StatementState,
    policy_statements,
)
from governance.policy_effect.versions import by_itself, edits, in_place
from governance.policy_effect.why_idle import NoEffect
from governance.posture.organization import CONTROL_TYPES
from governance.posture.parsed_policies import parsed_policy
from governance.simulations import jobs
from governance.simulations.effects import Verdict
from governance.simulations.results import difference_of
from governance.web.text_diff import pretty_json
from inventory.models import Account, Policy
from inventory.selectors.policies import policy_versions
from policies import MANAGEMENT_POLICY_TYPES, PolicyType, load_catalogue
from policies.lint import Finding, FindingSeverity
from policies.management import setting_changes

SECONDS_A_PAGE: Final = 2.0
_MOST_DIFFERENCES: Final = 1000


class LintFindingRepresentation(serializers.Serializer[Any]):
    """One finding."""

    code = serializers.CharField(help_text="Stable: tell findings apart by it.")
    severity = serializers.ChoiceField(
        choices=[severity.value for severity in FindingSeverity],
        help_text="error: AWS would refuse the text. warning: likely not meant. note: to know.",
    )
    message = serializers.CharField()
    line = serializers.IntegerField(help_text="Of the text as AWS returned it, from 1.")
    column = serializers.IntegerField(help_text="In characters, from 1.")
    path = serializers.CharField(help_text="Such as Statement[0].Action; empty: the whole.")
    statement = serializers.IntegerField(allow_null=True, help_text="From 1.")
    sid = serializers.CharField(allow_null=True)

    def to_representation(self, instance: Finding) -> dict[str, Any]:
        """Count statements from 1, as everywhere in this API."""
        told = super().to_representation(instance)
        return {
            **told,
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
        told: Any = ViaRepresentation(reach.via(account.account_id), many=True).data
        return list(told)


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
    effect = serializers.ChoiceField(choices=["Allow", "Deny"])
    state = serializers.ChoiceField(
        choices=[state.value for state in StatementState],
        help_text="effect and no_effect are proven: without the statement some request, or none, "
        "would be decided otherwise.",
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
        help_text=f"Of an SCP or RCP, at most {_MOST_DIFFERENCES}; null for other types.",
    )
    settings = SettingChangeRepresentation(
        many=True, allow_null=True, help_text="Of a management policy; null for SCPs and RCPs."
    )


class PolicyLint(OnePolicy):
    """What lint has to say of one policy."""

    representation = PolicyLintRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Lint a policy by today's limits, in view of the policies that hold beside it."""
        policy = self.policy()
        reach = _reach_of(self, policy)
        report = lint_of(policy.content.text, reach, today=self.now.date())
        readable = None if report is None else report.is_policy
        told = {
            "policy_id": policy.policy_id,
            "content_sha256": policy.content_id,
            "checked": report is not None,
            "is_readable": readable,
            "unknown_accounts": len(reach.touched_ids) if readable is False else 0,
            "size": report.size if report else None,
            "size_limit": report.size_limit if report else None,
            "findings": report.findings if report else None,
        }
        return self.answer(self.told(told))


class _ListOfPolicy(ListEndpoint):
    topic = "Policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    collectors = ("organizations.policies.",)

    def policy_and_reach(self) -> tuple[Policy, PolicyReach]:
        """Find the policy and whom it reaches.

        :raises Problem: there is none, or was none then.
        """
        policy = found_policy(self, as_of=self.as_of)
        return policy, _reach_of(self, policy)


class PolicyAccounts(_ListOfPolicy):
    """The accounts that one policy reaches."""

    representation = ReachedAccountRepresentation
    queryset = Account.objects.none()
    filterset_class = ReachedAccountFilters
    orderings = {
        "name": by("name", "account_id"),
        "account_id": by("account_id"),
        "bound": by("bound", "account_id"),
        "state": by("state", "account_id"),
    }
    usual_ordering = "name"
    _reach: PolicyReach

    def rows(self) -> Any:
        """Return the accounts at or below its targets."""
        _, self._reach = self.policy_and_reach()
        return reached_accounts(
            self.viewer, connection=self.connection, reach=self._reach, as_of=self.as_of
        )

    def context(self, rows: Sequence[Any]) -> Mapping[str, Any]:
        """Return what tells the way to each account."""
        return {"reach": self._reach}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the accounts at or below its targets, and whether it has effect on each."""
        return self.respond()


class PolicyStatements(_ListOfPolicy):
    """What each statement of one policy changes."""

    representation = PolicyStatementRepresentation
    queryset = Policy.objects.none()
    orderings = {"number": (Key("number"),)}
    usual_ordering = "number"

    def page(self, asked: PageRequest) -> Page:
        """Look at as many statements as the time allows; `next` goes on behind them."""
        policy, reach = self.policy_and_reach()
        if policy.type not in CONTROL_TYPES:
            raise Problem(
                NOT_FOUND,
                f"{policy.policy_id} is of type {policy.type}: it holds settings, no statements",
            )
        statements = policy_statements(reach)
        if not statements.is_readable:
            raise Problem(
                NOT_FOUND,
                f"{policy.policy_id} cannot be read, so what its statements do is not known; "
                "/lint tells what is wrong",
            )
        numbers = list(range(1, len(statements.statements) + 1))
        descending = asked.keys[0].descending
        if asked.after is not None:
            after = asked.after[0]
            numbers = [one for one in numbers if (one < after if descending else one > after)]
        until = time.monotonic() + SECONDS_A_PAGE
        found: list[StatementEffect] = []
        for number in reversed(numbers) if descending else numbers:
            if found and (len(found) == asked.limit or time.monotonic() >= until):
                break
            found.append(statements.of(number))
        more = len(found) < len(numbers)
        return page_of_part(found, asked, key=lambda effect: [effect.number], more=more)

    def get(self, request: Request, **kwargs: str) -> Response:
        """Tell of each statement whether it has effect where the policy is attached, and why not.

        A page may hold fewer statements than `limit`: it ends when its time is over, and `next`
        goes on.
        """
        return self.respond()


class VersionDiffRequestRepresentation(serializers.Serializer[Any]):
    """In which state of the organization to compare."""

    as_of = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Where the policy was attached then; null: as the latest run saw it.",
    )


class PolicyVersionDiff(OnePolicy):
    """Two versions of one policy."""

    rights = {"GET": rights.VIEW_INVENTORY, "POST": rights.SIMULATE}
    representation = PolicyVersionDiffRepresentation
    takes = VersionDiffRequestRepresentation
    takes_as_of = False
    answers = {
        200: OpenApiResponse(SimulationRepresentation(), description="The result."),
        202: OpenApiResponse(
            SimulationRepresentation(), description="It is queued; `Location` is its address."
        ),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Tell what differs between two versions of a policy, by text and by meaning.

        The meaning is that of the policy by itself; POST tells what it changes where the policy is
        attached.
        """
        before, after = self.both()
        kind = before.type
        told: dict[str, Any] = {
            "policy_id": before.policy_id,
            "before": before,
            "after": after,
            "text": _text_diff(before, after),
            "meaning": "not_checked",
            "differences": None,
            "settings": None,
        }
        if kind in CONTROL_TYPES:
            told |= _meaning(before, after)
        elif kind in MANAGEMENT_POLICY_TYPES:
            told |= _settings(before, after)
        return self.answer(self.told(told))

    @idempotent
    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Tell what the later text changes where the policy is attached, put for the earlier.

        Takes `as_of`: in the organization as it was then; null or none: as the latest run saw it.
        Answered at once where that is quick, else as a simulation's job.
        """
        before, after = self.both()
        as_of = self.read(request.data)
        if before.type not in CONTROL_TYPES:
            told = f"policies of type {before.type} decide no requests; GET tells what differs"
            raise ValidationError({"policy_id": [told]})
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
        if "respond-async" not in request.headers.get("Prefer", "") and jobs.is_quick(simulated):
            return Response(told_at_once(simulated, now=self.now))
        prior, operations = edits(before, after)
        job = jobs.simulation_request(
            connection=self.connection,
            requested_by=person_of(request),
            operations=operations,
            prior=prior,
            as_of=as_of,
            now=self.now,
        )
        queued = told_job(self, job)
        return Response(
            queued, status=status.HTTP_202_ACCEPTED, headers={"Location": str(queued["url"])}
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


def _reach_of(view: OrganizationEndpoint, policy: Policy) -> PolicyReach:
    return policy_reach(view.viewer, connection=view.connection, policy=policy, as_of=view.as_of)


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
            for effect in effects[:_MOST_DIFFERENCES]
        ],
    }


def _settings(before: Policy, after: Policy) -> dict[str, Any]:
    kind = PolicyType(before.type)
    was, becomes = (
        parsed_policy(one.content_id, one.content.text, kind).management for one in (before, after)
    )
    if was is None or becomes is None:
        return {"meaning": "unreadable"}
    changes = setting_changes(was, becomes)
    return {"meaning": "differs" if changes else "same", "settings": changes}

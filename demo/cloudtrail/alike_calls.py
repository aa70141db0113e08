"""Activities → alike calls: one principal, one API call, one region, so often a day."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from demo.cloudtrail.events import EventTemplate, EventText
from demo.cloudtrail.identities import Identity, NoSuchPrincipal, identity_of
from demo.cloudtrail.inputs import HistoryInput, filled_text, filled_value
from demo.cloudtrail.plan import ActivityPlan, CallPlan
from demo.seeding.plan import AccountPlan
from demo.simulator.authorization import Question
from demo.simulator.calls import Caller
from demo.simulator.errors import AwsError
from demo.simulator.permissions import check_service_control, context_of
from inventory.cloudtrail.mapping import map_event

# Services with one endpoint record where their home is.
_GLOBAL: Final = frozenset({"iam", "organizations", "cloudfront", "ce", "support"})
_HOME: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class AlikeCalls:
    """A call that one principal makes in one region. `copy`: for the other account's log, too."""

    template: EventTemplate
    account_id: str
    region: str
    when: str
    per_day: float
    sessions: tuple[str, ...]
    copy: tuple[EventTemplate, str] | None = None


@dataclass(frozen=True, slots=True)
class AlikeCallsOf:
    """Reads the alike calls of a history."""

    given: HistoryInput

    def all(self) -> Iterator[AlikeCalls]:
        """Yield them, always in the same order."""
        for activity in self.given.plan.activities:
            for account in self.given.accounts:
                if not _takes_part(activity, account):
                    continue
                variables = self.given.variables[account.account_id]
                if activity.assumes is not None:
                    yield from self._assumptions(activity, account)
                    continue
                name = filled_text(activity.by.role, variables)
                try:
                    identity = identity_of(
                        replace(activity.by, role=name),
                        account.account_id,
                        mfa=activity.mfa,
                        invoked_by=activity.invoked_by,
                    )
                except NoSuchPrincipal:
                    continue
                sessions = tuple(filled_text(each, variables) for each in activity.by.sessions)
                for region in activity.regions:
                    for call_name, per_day in activity.calls.items():
                        call = self.given.plan.calls[call_name]
                        yield AlikeCalls(
                            EventTemplate(self._text(call, activity, account, region, identity)),
                            account.account_id,
                            _HOME if call.source in _GLOBAL else region,
                            activity.when,
                            per_day,
                            sessions,
                        )

    def _text(
        self,
        call: CallPlan,
        activity: ActivityPlan,
        account: AccountPlan,
        region: str,
        identity: Identity,
    ) -> EventText:
        recorded = _HOME if call.source in _GLOBAL else region
        variables = {**self.given.variables[account.account_id], "region": recorded}
        resources = filled_value(call.resources, variables)
        error, message = self._denial(call, account, recorded, identity, resources, variables)
        return EventText(
            source=call.source,
            name=call.name,
            region=recorded,
            recipient=account.account_id,
            identity=identity.members,
            address=activity.invoked_by or activity.address,
            agent=activity.invoked_by or activity.agent,
            is_read=call.is_read,
            is_data=call.is_data,
            request=filled_value(call.request, variables),
            resources=resources,
            error=error,
            message=message,
        )

    def _denial(
        self,
        call: CallPlan,
        account: AccountPlan,
        region: str,
        identity: Identity,
        resources: Any,
        variables: Mapping[str, str],
    ) -> tuple[str, str]:
        """Return the code and message with which an SCP denies a call, else empty texts."""
        actions = map_event(f"{call.source}.amazonaws.com", call.name).actions
        if not actions:
            return "", ""
        caller = Caller(
            account.account_id,
            identity.session_arn,
            identity.arn,
            str(identity.members["type"]).replace("IAMUser", "User"),
            str(identity.members.get("principalId", "")),
            "",
            "",
        )
        context = context_of(
            self.given.organization, caller, region=region, now=self.given.seeded_at
        )
        context |= {key.lower(): filled_text(v, variables) for key, v in call.context.items()}
        named = filled_text(call.resource, variables) if call.resource else ""
        resource = named or (resources[0]["ARN"] if resources else "*")
        try:
            check_service_control(
                self.given.organization, caller, Question(actions[0], resource, context)
            )
        except AwsError as error:
            if call.source == "ec2":
                return "Client.UnauthorizedOperation", (
                    "You are not authorized to perform this operation. " + error.message
                )
            return ("AccessDenied" if call.source in {"s3", "iam", "sts"} else error.code), (
                error.message
            )
        return "", ""

    def _assumptions(self, activity: ActivityPlan, target: AccountPlan) -> Iterator[AlikeCalls]:
        """Yield a caller's AssumeRole: in the log of the role's account and in the caller's."""
        assumes = activity.assumes
        if assumes is None:
            return
        own = [each for each in self.given.accounts if each.name in activity.accounts]
        caller_account = own[0].account_id if own else ""
        targets = self.given.accounts if own else (target,)
        for each in targets:
            if each.account_id == caller_account or each.state != "ACTIVE":
                continue
            try:
                role = identity_of(
                    replace(activity.by, role=assumes.role, account="", user=""),
                    each.account_id,
                    mfa=False,
                    invoked_by="",
                )
                identity = identity_of(
                    activity.by, caller_account or each.account_id, mfa=False, invoked_by=""
                )
            except NoSuchPrincipal:
                continue
            foreign = {
                "type": "AWSAccount",
                "principalId": identity.members["principalId"],
                "accountId": identity.members["accountId"],
            }
            text = EventText(
                source="sts",
                name="AssumeRole",
                region=activity.regions[0],
                recipient=each.account_id,
                identity=foreign,
                address=activity.address,
                agent=activity.agent,
                is_read=True,
                request={"roleArn": role.arn, "roleSessionName": assumes.session},
                resources=[
                    {"ARN": role.arn, "accountId": each.account_id, "type": "AWS::IAM::Role"}
                ],
                shared_event_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{identity.arn}>{role.arn}")),
            )
            copy = None
            if caller_account:
                of_caller = replace(text, recipient=caller_account, identity=identity.members)
                copy = (EventTemplate(of_caller), caller_account)
            yield AlikeCalls(
                EventTemplate(text),
                each.account_id,
                activity.regions[0],
                activity.when,
                assumes.per_day,
                activity.by.sessions,
                copy,
            )


def _takes_part(activity: ActivityPlan, account: AccountPlan) -> bool:
    if account.state != "ACTIVE":
        return False
    if activity.accounts and account.name not in activity.accounts:
        return False
    return not activity.units or any(
        account.unit_path == unit or account.unit_path.startswith(f"{unit}/")
        for unit in activity.units
    )

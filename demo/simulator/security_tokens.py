"""STS: AssumeRole with its trust policy, GetCallerIdentity, GetSessionToken's refusal."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from moto.iam.models import Role

from demo.simulator.authorization import Question, decide
from demo.simulator.callers import Callers, iam_of, role_named
from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError
from demo.simulator.organizations.state import Organization
from demo.simulator.permissions import check_allowed, context_of

_ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]{1,64})")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_CHAINED_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class SecurityTokens:
    """STS over one organization."""

    organization: Organization
    callers: Callers

    def get_caller_identity(self, call: Call, caller: Caller, now: datetime) -> dict[str, Any]:
        return {"UserId": caller.user_id, "Account": caller.account_id, "Arn": caller.arn}

    def assume_role(self, call: Call, caller: Caller, now: datetime) -> dict[str, Any]:
        """Open a session in a role that exists and whose trust policy lets the caller in.

        :raises AwsError: AccessDenied for a role that is missing or does not trust the caller
            (AWS tells nobody which), ValidationError for input that cannot be.
        """
        given = call.parameters
        role_arn, session_name = given.get("RoleArn", ""), given.get("RoleSessionName", "")
        found = _ROLE_ARN.fullmatch(role_arn)
        if not found:
            raise AwsError("ValidationError", f"{role_arn} is invalid")
        if not _SESSION_NAME.fullmatch(session_name):
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{session_name}' at 'roleSessionName' failed "
                "to satisfy constraint: Member must satisfy regular expression pattern: "
                "[\\w+=,.@-]*",
            )
        role = self._trusting_role(role_arn, found.group(1), found.group(2), call, caller, now)
        seconds = self._duration(given, role, caller)
        until = now + timedelta(seconds=seconds)
        session, secret = self.callers.open_session(
            role=role,
            session_name=session_name,
            session_policies=self._session_policies(given, role),
            source_identity=given.get("SourceIdentity") or caller.source_identity,
            until=until,
        )
        self.callers.note_use(role, now)
        answer = {
            "Credentials": {
                "AccessKeyId": session.access_key_id,
                "SecretAccessKey": secret,
                "SessionToken": session.session_token,
                "Expiration": until,
            },
            "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
            "PackedPolicySize": min(99, len(given.get("Policy") or "") * 100 // 2048),
        }
        if session.source_identity:
            answer["SourceIdentity"] = session.source_identity
        return answer

    def _trusting_role(
        self,
        role_arn: str,
        account_id: str,
        role_name: str,
        call: Call,
        caller: Caller,
        now: datetime,
    ) -> Role:
        context = context_of(self.organization, caller, region=call.region, now=now)
        given = call.parameters
        context["sts:rolesessionname"] = given["RoleSessionName"]
        if given.get("ExternalId"):
            context["sts:externalid"] = given["ExternalId"]
        if given.get("SourceIdentity"):
            context["sts:sourceidentity"] = given["SourceIdentity"]
        account = self.organization.accounts.get(account_id)
        role = role_named(account_id, role_name) if account is not None else None
        refused = AwsError(
            "AccessDenied",
            f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: "
            f"{role_arn}",
            status=403,
        )
        if role is None or account is None or account.state != "ACTIVE" or role.arn != role_arn:
            raise refused
        names = (caller.account_id, f"arn:aws:iam::{caller.account_id}:root")
        itself = (caller.principal_arn, caller.arn)
        trust = [role.assume_role_policy_document]
        asked = Question("sts:AssumeRole", role_arn, context, names + itself)
        if decide(trust, asked) != "allow":
            raise refused
        # Within one account a trust policy that names the caller itself is enough.
        named = Question("sts:AssumeRole", role_arn, context, itself)
        if caller.account_id != account_id or decide(trust, named) != "allow":
            check_allowed(self.organization, caller, Question("sts:AssumeRole", role_arn, context))
        if given.get("SourceIdentity"):
            setting = replace(asked, action="sts:SetSourceIdentity")
            if decide(trust, setting) != "allow":
                raise refused
            check_allowed(self.organization, caller, replace(setting, principals=()))
        return role

    @staticmethod
    def _duration(given: dict[str, Any], role: Role, caller: Caller) -> int:
        seconds = int(given.get("DurationSeconds") or 3600)
        longest = int(role.max_session_duration or 3600)
        if seconds < 900 or seconds > 43_200:
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to "
                "satisfy constraint: Member must have value between 900 and 43200",
            )
        if caller.kind == "AssumedRole" and seconds > _CHAINED_SECONDS:
            raise AwsError(
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
                "by role chaining",
            )
        if seconds > longest:
            raise AwsError(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            )
        return seconds

    @staticmethod
    def _session_policies(given: dict[str, Any], role: Role) -> tuple[str, ...]:
        policies = [given["Policy"]] if given.get("Policy") else []
        backend = iam_of(role.account_id)
        for each in given.get("PolicyArns") or []:
            policy = backend.managed_policies.get(each.get("arn", ""))
            if policy is None:
                raise AwsError("MalformedPolicyDocument", f"{each.get('arn')} does not exist")
            policies.append(next(found.document for found in policy.versions if found.is_default))
        if sum(map(len, policies)) > 2048:
            raise AwsError(
                "ValidationError",
                "1 validation error detected: Value at 'policy' failed to satisfy constraint: "
                "Member must have length less than or equal to 2048",
            )
        return tuple(policies)

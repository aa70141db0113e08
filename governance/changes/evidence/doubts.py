"""What is likely not meant: exceptions for nobody, statements that change nothing, region locks.

Asked of the texts that a change writes or attaches, where they stand afterwards.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from governance.changes.evidence.attached_policies import WrittenAttachment
from governance.changes.evidence.collected import EVERYTHING, CollectedState
from governance.changes.evidence.findings import CheckFinding, CheckLevel
from governance.changes.evidence.plans import PlannedChange
from governance.posture.ceilings.idle_statements import Idle, IdleReason, IdleReasons
from governance.posture.state.organization import (
    CONTROL_TYPES,
    ControlPolicies,
    ControlPolicy,
    InForce,
    accounts_without_iam,
)
from inventory.models import PrincipalName
from inventory.selectors.principals import principals
from policies import (
    UNKNOWN,
    CompiledStatement,
    ContextValue,
    Effect,
    PolicyDocument,
    PolicyType,
    default_compiler,
    load_catalogue,
)
from policies.full_access import full_access
from policies.language.patterns import string_glob

_KEY: Final = "aws:principalarn"
_REGION: Final = "aws:requestedregion"
_ROLE: Final = re.compile(r".*?:(?P<kind>role|user)/(?P<name>.+)", re.DOTALL)
_ONLY_AWS: Final = ("aws-reserved/", "aws-service-role/")
_INFERENCE: Final = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
# Bedrock's global inference profiles are authorised with this in place of a region.
_NO_REGION: Final = "unspecified"
_TARGETS_LOOKED_AT: Final = 50
_NAMED: Final = 3


class DoubtedPolicies:
    """The policies that a change writes or attaches, as they stand afterwards."""

    def __init__(self, state: CollectedState, planned: PlannedChange) -> None:
        self._state = state
        self._planned = planned
        self._drafted = planned.final

    def findings(
        self, operation_of: Mapping[str, int], attached: Mapping[str, WrittenAttachment]
    ) -> Iterator[CheckFinding]:
        """Yield what is likely not meant.

        `operation_of`: the operation that wrote a policy. `attached`: the policies that are
        attached as they are; of one in use already it is no news.
        """
        for kind in CONTROL_TYPES:
            control = self._drafted.after[kind]
            if control.in_force is not InForce.IN_FORCE:
                continue
            for policy, target_ids in self._touched(kind):
                operation = operation_of.get(policy.policy_id)
                as_is = attached.get(policy.policy_id)
                if operation is not None:
                    yield from self._exemptions(policy, operation, self._before(policy))
                    yield from self._inference(policy, operation, self._before(policy))
                elif as_is is not None:
                    before = policy.document if as_is.in_use else None
                    for one in (
                        *self._exemptions(policy, as_is.operation, before),
                        *self._inference(policy, as_is.operation, before),
                    ):
                        # The operation has no text that the line could be of.
                        yield replace(one, line=0)
                yield from self._idle(control, policy, target_ids, operation)

    def _touched(self, kind: PolicyType) -> list[tuple[ControlPolicy, list[str]]]:
        """Return the policies with another text, and those attached again, with their targets."""
        before, after = self._drafted.before.control(kind), self._drafted.after[kind]
        written = {one.policy.policy_id for one in self._drafted.edited}
        found: dict[str, tuple[ControlPolicy, list[str]]] = {
            one.policy.policy_id: (one.policy, [])
            for one in self._drafted.edited
            if one.policy_type is kind
        }
        for target_id, held in after.attached.items():
            was = before.attached.get(target_id, ())
            if held is was and not written:
                continue
            known = {policy.policy_id for policy in was}
            for policy in held:
                is_new = policy.policy_id not in known
                if (policy.policy_id in written or is_new) and target_id in after.tree.by_id:
                    found.setdefault(policy.policy_id, (policy, []))[1].append(target_id)
        return [(policy, targets) for policy, targets in found.values() if policy.document]

    def _exemptions(
        self, policy: ControlPolicy, operation: int, before: PolicyDocument | None
    ) -> Iterator[CheckFinding]:
        """Yield the exemptions by a name that no principal of the inventory has.

        `before`: the text whose exemptions are no news.
        """
        document = policy.document
        if document is None:
            return
        known = _exempt(before)
        for number, statement in enumerate(document.statements):
            if statement.effect is not Effect.DENY:
                continue
            values = {
                value
                for condition in statement.conditions
                if condition.key.lower() == _KEY and condition.negated
                for value in condition.values
            }
            for value in sorted(values):
                match = _ROLE.fullmatch(value)
                if match is None or match["name"].startswith(_ONLY_AWS) or "${" in value:
                    continue
                if self._exists(match["kind"], match["name"], value):
                    continue
                code, level = "exempt_role_missing", CheckLevel.SOFT
                if value in known:
                    code, level = "lint", CheckLevel.ADVISORY
                said = "no such principal is in the inventory"
                if self._without_iam:
                    if code != "lint":
                        code, level = "exempt_role_unknown", CheckLevel.ADVISORY
                    count = len(self._without_iam)
                    said += f", which has not read IAM of {count:,} account{'s'[: count != 1]}"
                place = document.position(statement.path)
                yield CheckFinding(
                    code,
                    level,
                    f"Statement {number + 1} of {policy.name} exempts {value}: {said}.",
                    remedy="Correct the name, or remove the exemption: anyone who can create it "
                    "would be exempt.",
                    operation=operation,
                    line=place.line if place else 0,
                    policy_id=policy.policy_id,
                )

    def _before(self, policy: ControlPolicy) -> PolicyDocument | None:
        """Return the policy's collected text, if it can be read."""
        for edited in self._drafted.edited:
            if edited.policy.policy_id == policy.policy_id and edited.was is not None:
                return edited.was.document
        return None

    def _exists(self, kind: str, name: str, value: str) -> bool:
        """Whether a principal of the inventory matches a pattern."""
        glob = string_glob((value,))
        last = string_glob((name.rpartition("/")[2],))
        names = self._names if "*" in name or "?" in name else {name.rpartition("/")[2]}
        wanted = [one for one in names if last.matches(one) or "*" in name]
        rows = (
            principals(EVERYTHING, connection=self._state.connection, as_of=self._state.as_of)
            .filter(kind=kind, name__in=wanted)
            .order_by()
            .values_list("arn", flat=True)
        )
        return any(glob.matches(arn) for arn in rows.iterator(chunk_size=2000))

    @cached_property
    def _names(self) -> set[str]:
        rows = PrincipalName.objects.filter(connection=self._state.connection)
        return set(rows.values_list("name", flat=True))

    @cached_property
    def _without_iam(self) -> frozenset[str]:
        return accounts_without_iam(
            EVERYTHING,
            connection=self._state.connection,
            organization=self._drafted.before,
            as_of=self._state.as_of,
        )

    def _inference(
        self, policy: ControlPolicy, operation: int, before: PolicyDocument | None
    ) -> Iterator[CheckFinding]:
        """Yield the region locks that stop cross-region inference of Amazon Bedrock."""
        document = policy.document
        if document is None:
            return
        known = before is not None and any(
            map(_stops_inference, default_compiler().document(before))
        )
        for number, statement in enumerate(default_compiler().document(document)):
            if not _stops_inference(statement):
                continue
            place = document.position(document.statements[number].path)
            yield CheckFinding(
                "lint" if known else "region_lock_hits_inference",
                CheckLevel.SOFT,
                f"Statement {number + 1} of {policy.name} denies cross-region inference of Amazon "
                "Bedrock: global inference profiles have no region (aws:RequestedRegion is "
                f"{_NO_REGION}), and others are authorised in each region they may run in.",
                remedy=f"Let {_NO_REGION} and the regions of the profiles in use through for "
                "bedrock:InvokeModel*, or leave it if inference must stay in these regions.",
                operation=operation,
                line=place.line if place else 0,
                policy_id=policy.policy_id,
            )

    def _idle(
        self,
        control: ControlPolicies,
        policy: ControlPolicy,
        target_ids: list[str],
        operation: int | None,
    ) -> Iterator[CheckFinding]:
        """Yield the statements that change nothing at any target the policy is attached to."""
        document = policy.document
        if document is None or not target_ids or len(target_ids) > _TARGETS_LOOKED_AT:
            return
        reasons = self._reasons[control.policy_type]
        statements = default_compiler().document(document)
        for number, statement in enumerate(statements, 1):
            found: list[IdleReason] = []
            for target_id in target_ids:
                reason = reasons.why(policy, target_id, statement, number=number)
                if reason is None:
                    break
                found.append(reason)
            else:
                yield self._of_idle(policy, number, statement, found[0], target_ids, operation)

    def _of_idle(
        self,
        policy: ControlPolicy,
        number: int,
        statement: CompiledStatement,
        reason: IdleReason,
        target_ids: list[str],
        operation: int | None,
    ) -> CheckFinding:
        document = policy.document
        place = document.position(document.statements[number - 1].path) if document else None
        is_allow = statement.effect is Effect.ALLOW
        code = "statement_without_effect"
        if is_allow and reason.why is Idle.COVERED and _is_full_access(reason):
            code = "allow_without_effect"
        names = [self._drafted.before.names[one].name for one in target_ids[:_NAMED]]
        more = len(target_ids) - len(names)
        where = ", ".join(names) + (f" and {more:,} more" if more else "")
        return CheckFinding(
            code,
            CheckLevel.SOFT if code == "allow_without_effect" else CheckLevel.ADVISORY,
            f"Statement {number} of {policy.name} changes nothing at {where}: {reason.said}.",
            remedy="Detach FullAWSAccess there, if the policy is meant as the list of what is "
            "allowed."
            if code == "allow_without_effect"
            else "Remove the statement, or correct it.",
            operation=operation,
            line=place.line if place else 0,
            policy_id=policy.policy_id,
            target_ids=tuple(target_ids),
        )

    @cached_property
    def _reasons(self) -> dict[PolicyType, IdleReasons]:
        planned = self._planned
        return {
            kind: IdleReasons(
                self._drafted.before, control, planned.ceiling_makers[kind], planned.ceilings[kind]
            )
            for kind, control in self._drafted.after.items()
        }


def _exempt(document: PolicyDocument | None) -> set[str]:
    """Return the principals that a policy exempts by their ARNs."""
    return {
        value
        for statement in (document.statements if document else ())
        for condition in statement.conditions
        if condition.key.lower() == _KEY and condition.negated
        for value in condition.values
    }


def _is_full_access(reason: IdleReason) -> bool:
    """Whether the statement that decides is the one that AWS attaches to every target."""
    by = reason.by
    if by is None or by.policy.document is None:
        return False
    scp = PolicyType.SERVICE_CONTROL_POLICY
    compiler = default_compiler()
    (everything,) = compiler.document(full_access(scp))
    return compiler.document(by.policy.document)[by.number - 1] is everything


def _stops_inference(statement: CompiledStatement) -> bool:
    """Whether a deny by region holds where a global inference profile is used."""
    return (
        statement.effect is Effect.DENY
        and statement.action_bits & load_catalogue().union(_INFERENCE) != 0
        and any(condition.key == _REGION for condition in statement.conditions)
        and _denies_region(statement, _NO_REGION)
    )


def _denies_region(statement: CompiledStatement, region: str) -> bool:
    """Whether a deny holds in a region for somebody, whatever else its conditions ask."""

    def lookup(key: str) -> ContextValue:
        return region if key == _REGION else UNKNOWN

    return all(condition.holds(lookup) is not False for condition in statement.conditions)

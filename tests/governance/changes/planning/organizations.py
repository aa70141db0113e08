"""Organizations in memory for plans, and the rules that every state of a plan must keep."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from governance.changes.planning import PlanBase, plan_of, states_of
from governance.changes.planning.steps import ChangePlan
from governance.edits.collected_policies import CollectedPolicies, PolicyDetails
from governance.edits.draft import DraftedOrganization
from governance.edits.operations import Operation, OperationKind
from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
    InForce,
    TargetName,
)
from policies import PolicyType, default_compiler, parse_policy
from policies.evaluation.request import OrganizationIds
from policies.full_access import FULL_ACCESS_TEXTS
from policies.targets import Target, TargetTree

TODAY = date(2026, 11, 24)
ROOT = "r-ab12"
FULL, FULL_RCP = "p-FullAWSAccess", "p-RCPFullAWSAccess"
WORK, PROD, TEST = "ou-ab12-work0001", "ou-ab12-prod0001", "ou-ab12-test0001"
PAY, WEB, TRY, OLD = "111111111111", "222222222222", "333333333333", "444444444444"
PARENTS: Mapping[str, str | None] = {
    ROOT: None,
    WORK: ROOT,
    PROD: WORK,
    TEST: WORK,
    PAY: PROD,
    WEB: PROD,
    TRY: TEST,
    OLD: WORK,
}


def text(effect: str, *actions: str, **condition: Any) -> str:
    statement: dict[str, Any] = {"Effect": effect, "Action": list(actions), "Resource": "*"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def denying(*actions: str) -> str:
    return text("Deny", *actions)


def allowing(*actions: str) -> str:
    return text("Allow", *actions)


def tagging(key: str, *values: str, operator: str = "@@assign") -> str:
    named = {"tag_key": {"@@assign": key}, "tag_value": {operator: list(values)}}
    return json.dumps({"tags": {key: named}})


def closed(key: str, *values: str) -> str:
    """Return a tag policy whose values no policy below may change."""
    settings = json.loads(tagging(key, *values))
    settings["tags"][key]["tag_value"]["@@operators_allowed_for_child_policies"] = ["@@none"]
    return json.dumps(settings)


def base(
    policies: Mapping[str, str],
    attached: Mapping[str, Sequence[str]],
    *,
    management: Mapping[str, tuple[PolicyType, str]] | None = None,
    parents: Mapping[str, str | None] = PARENTS,
    names: Mapping[str, str] | None = None,
    tags: Mapping[str, Mapping[str, str]] | None = None,
    off: Sequence[PolicyType] = (RCP,),
) -> PlanBase:
    """Make a base. `policies`: SCPs' texts by id. `attached`: policy ids by target; FullAWSAccess
    stands where nothing is said. A policy is named after its id.
    """
    called = names or {}
    texts = {FULL: FULL_ACCESS_TEXTS[SCP], **policies}
    scps = {one: _policy(one, SCP, found, called) for one, found in texts.items()}
    others = {
        one: (kind, _policy(one, kind, found, called))
        for one, (kind, found) in (management or {}).items()
    }
    held = {one: tuple(attached.get(one, (FULL,))) for one in parents}
    controls = {
        SCP: {one: tuple(scps[p] for p in found if p in scps) for one, found in held.items()},
        RCP: {},
    }
    by_type: dict[PolicyType, dict[str, tuple[ControlPolicy, ...]]] = {}
    for target_id, found in held.items():
        for policy_id in found:
            if policy_id in others:
                kind, policy = others[policy_id]
                by_target = by_type.setdefault(kind, {})
                by_target[target_id] = (*by_target.get(target_id, ()), policy)
    details = {
        one: PolicyDetails(found, "", (tags or {}).get(one, {}))
        for one, found in {**texts, **{k: v for k, (_, v) in (management or {}).items()}}.items()
    }
    enabled = {kind for kind, _ in (management or {}).values()} - set(off)
    return PlanBase(
        CompiledOrganization(
            key=("test",),
            organization=OrganizationIds("o-exampleorg", "999999999999"),
            root_id=ROOT,
            names={one: _name(one, parent) for one, parent in parents.items()},
            unplaced={},
            service_control=_control(SCP, parents, controls[SCP], scps, off),
            resource_control=_control(RCP, parents, {}, {}, off),
        ),
        CollectedPolicies(others, by_type, frozenset(enabled), details),
    )


def _name(target_id: str, parent_id: str | None) -> TargetName:
    kind = "ROOT" if parent_id is None else "ORGANIZATIONAL_UNIT"
    state = ""
    if target_id.isdecimal():
        kind, state = "ACCOUNT", "SUSPENDED" if target_id == OLD else "ACTIVE"
    return TargetName(target_id, kind, target_id, parent_id, state)


def _policy(
    policy_id: str, kind: PolicyType, found: str, names: Mapping[str, str]
) -> ControlPolicy:
    parsed = parse_policy(found, kind)
    sha256 = hashlib.sha256(found.encode()).hexdigest()
    name = names.get(policy_id, policy_id.removeprefix("p-"))
    return ControlPolicy(
        policy_id, name, policy_id in (FULL, FULL_RCP), sha256, parsed.document, parsed.diagnostics
    )


def _control(
    kind: PolicyType,
    parents: Mapping[str, str | None],
    attached: Mapping[str, tuple[ControlPolicy, ...]],
    by_id: Mapping[str, ControlPolicy],
    off: Sequence[PolicyType],
) -> ControlPolicies:
    compiler = default_compiler()
    is_off = kind in off
    full = parse_policy(FULL_ACCESS_TEXTS[SCP], SCP).document
    assert full is not None
    unlimited = compiler.level((full,)) if kind is SCP else compiler.level_of(())
    return ControlPolicies(
        policy_type=kind,
        in_force=InForce.NOT_ENABLED if is_off else InForce.IN_FORCE,
        tree=TargetTree(
            Target(
                one,
                parent,
                unlimited
                if is_off
                else compiler.level(p.document for p in attached.get(one, ()) if p.document),
            )
            for one, parent in parents.items()
        ),
        attached={} if is_off else attached,
        by_id=by_id,
    )


def op(kind: str, **members: Any) -> Operation:
    return Operation(OperationKind(kind), **members)


def update(policy_id: str, found: str) -> Operation:
    return op("update_policy", policy_id=policy_id, text=found)


def attach(policy_id: str, target_id: str) -> Operation:
    return op("attach_policy", policy_id=policy_id, target_id=target_id)


def detach(policy_id: str, target_id: str) -> Operation:
    return op("detach_policy", policy_id=policy_id, target_id=target_id)


def create(policy_id: str, found: str, kind: PolicyType = SCP, name: str = "") -> Operation:
    return op(
        "create_policy", policy_id=policy_id, name=name or policy_id, policy_type=kind, text=found
    )


def ring(name: str, *targets: str, soak_minutes: int = 30) -> dict[str, Any]:
    return {
        "name": name,
        "targets": list(targets),
        "soak_minutes": soak_minutes,
        "gate": "automatic",
    }


def planned(
    start: PlanBase,
    operations: Sequence[Operation],
    rings: Sequence[Mapping[str, Any]] = (),
    policy_ids: str = "keep",
) -> ChangePlan:
    return plan_of(start, operations, rings, policy_ids=policy_ids, number=7, today=TODAY)


def shown(plan: ChangePlan) -> list[str]:
    """The steps in short: `1 attach copy-1 ou-… ~`, where `~` waits and `?` is optional."""
    return [_shown(step) for step in plan.steps]


def shown_rollback(steps: Sequence[Any]) -> list[str]:
    return [_shown(step).partition(" ")[2] for step in steps]


def _shown(step: Any) -> str:
    given = step.parameters
    keys = ("PolicyId", "AccountId", "OrganizationalUnitId", "ResourceId", "PolicyType")
    subject = step.creates or next((given[key] for key in keys if key in given), "")
    if "Name" in given and not step.creates:
        subject += f" named {given['Name']}"
    place = given.get("TargetId") or given.get("DestinationParentId") or ""
    words = step.call.value.removesuffix("Policy").lower() if place else step.call.value
    tail = f"{' ~' if step.waits else ''}{' ?' if step.optional else ''}"
    return " ".join(str(part) for part in (step.ring, words, subject, place) if part != "") + tail


def attachments(state: DraftedOrganization) -> dict[tuple[str, str], frozenset[str]]:
    """Policy ids by (type, target)."""
    return {
        (kind.value, target_id): frozenset(policy.policy_id for policy in held)
        for kind, by_target in state.policies.attached.items()
        for target_id, held in by_target.items()
        if held
    }


def like(state: DraftedOrganization) -> dict[str, Any]:
    """What must be equal where a state is back: texts, names, tags, attachments, places, types."""
    policies = {
        one: (kind.value, policy.name, policy.sha256)
        for one, (kind, policy) in state.policies.policies.items()
        if one not in (FULL, FULL_RCP)
    }
    tags = {one: dict(found) for one, found in state.policies.tags.items() if one in policies}
    return {
        "policies": policies,
        "attached": attachments(state),
        "parents": {one: target.parent_id for one, target in state.after[SCP].tree.by_id.items()},
        "tags": tags,
        "enabled": state.policies.enabled,
        "names": dict(state.units.names),
    }


def all_states(plan: ChangePlan, start: PlanBase) -> tuple[DraftedOrganization, ...]:
    states = states_of(plan, start)
    assert not states[-1].problems, states[-1].problems
    return states

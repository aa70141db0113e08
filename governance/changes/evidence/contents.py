"""Evidence as JSON: what pages and the API show, and the conclusions that an approval binds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from governance.approvals.effects import TargetEffect
from governance.changes.evidence.digests import digest_of
from governance.changes.evidence.findings import CheckFinding
from governance.changes.evidence.intermediate import StepTransient
from governance.changes.evidence.levels import UNBOUND_CODES
from governance.changes.evidence.lockout import LockedOut
from governance.changes.evidence.management_changes import SettingDifference, management_label
from governance.changes.evidence.management_states import SettingTransient
from governance.changes.evidence.plans import PlannedChange
from governance.changes.evidence.protected_roles import ProtectedRolePattern
from governance.edits.draft import DraftedOrganization
from governance.effects.breakdown import EffectGrouping
from governance.effects.found_effects import FoundEffects
from governance.effects.headline_facts import headline_facts
from governance.effects.other_denies import other_denies
from governance.effects.request_effects import Effects
from governance.effects.results import UNLISTED_ACTIONS, action_words, effects_result
from policies import load_catalogue
from policies.comparison.witness import Witness
from policies.context_keys import spelled

_MOST_ACCOUNT_SHARES = 500


class ChangeEffects(FoundEffects):
    """What a change request's operations newly deny and allow."""

    def __init__(self, drafted: DraftedOrganization) -> None:
        self._drafted = drafted

    @property
    def states(self) -> DraftedOrganization:
        """The organization before and after the change."""
        return self._drafted


def effects_json(found: ChangeEffects) -> dict[str, Any]:
    """Return the effects with their counts by OU, account and service."""
    return {
        "affected_accounts": len(found.states.affected_accounts),
        **effects_result(found),
        **{
            name: [
                {
                    "key": share.key,
                    "label": share.label,
                    "accounts": share.accounts,
                    "newly_denied": share.denied,
                    "newly_allowed": share.allowed,
                    "undecided": share.undecided,
                    "unknown_accounts": share.unknown_accounts,
                }
                for share in found.breakdown(side)[:_MOST_ACCOUNT_SHARES]
            ]
            for name, side in (
                ("by_unit", EffectGrouping.UNIT),
                ("by_account", EffectGrouping.ACCOUNT),
                ("by_service", EffectGrouping.SERVICE),
            )
        },
    }


def headline_json(
    found: ChangeEffects, planned: PlannedChange, management: Sequence[SettingDifference]
) -> dict[str, Any]:
    """Return what `headline` makes its sentences of."""
    by_type: dict[str, set[str]] = {}
    for setting in management:
        by_type.setdefault(setting.policy_type, set()).update(setting.account_ids)
    return {
        **headline_facts(
            found,
            planned.ceilings,
            others={one for setting in management for one in setting.account_ids},
        ),
        "management": [
            {"label": management_label(kind), "account_ids": sorted(account_ids)}
            for kind, account_ids in by_type.items()
        ],
    }


def transient_json(one: StepTransient) -> dict[str, Any]:
    """Return a transient."""
    catalogue = load_catalogue()
    return {
        "kind": one.kind,
        "policy_type": one.policy_type.value,
        "first_step": one.first_step,
        "last_step": one.last_step,
        "actions": [UNLISTED_ACTIONS] if one.unlisted else action_words(catalogue, one.action_bits),
        "when": one.when,
        "reason": one.reason or None,
        "account_ids": list(one.account_ids),
        "witness": None if one.difference is None else witness_json(one.difference.witness),
        "setting": None,
    }


def lockout_json(
    roles: Sequence[ProtectedRolePattern], found: Iterable[LockedOut]
) -> dict[str, Any]:
    """Return the self-lockout proof: the roles, and what of them is not proven."""
    catalogue = load_catalogue()
    return {
        "roles": [
            {**role.as_json(), "needed_actions": list(role.needed_actions)} for role in roles
        ],
        "found": [
            {
                "roles": [role.name for role in one.roles],
                "policy_type": one.policy_type.value,
                "step": one.step,
                "in_all_requests": one.in_all,
                "actions": action_words(catalogue, one.action_bits),
                "when": one.when,
                "witness": None if one.witness is None else witness_json(one.witness),
                "account_ids": list(one.account_ids),
            }
            for one in found
        ],
    }


def witness_json(witness: Witness) -> dict[str, Any]:
    """Return a request that shows something."""
    catalogue = load_catalogue()
    return {
        "principal": witness.principal,
        "action": witness.action,
        "resource": witness.resource,
        "context": {
            spelled(catalogue, key): value if isinstance(value, str) else list(value)
            for key, value in witness.context.items()
        },
    }


def target_json(one: TargetEffect) -> dict[str, Any]:
    """Return an affected account, as `read_target` reads it."""
    return {
        "target_id": one.target_id,
        "newly_denied": one.newly_denied,
        "newly_allowed": one.newly_allowed,
        "undecided": one.undecided,
        "policy_types": sorted(one.policy_types),
        "operations": sorted(one.operations),
        "at_root": one.at_root,
    }


def read_target(value: Mapping[str, Any]) -> TargetEffect:
    """Read an affected account that was stored."""
    return TargetEffect(
        **{
            **value,
            "policy_types": frozenset(value["policy_types"]),
            "operations": frozenset(value["operations"]),
        }
    )


def conclusions_of(
    *,
    found: FoundEffects,
    management: Sequence[Mapping[str, Any]],
    transients: Sequence[StepTransient],
    setting_transients: Sequence[SettingTransient] = (),
    findings: Sequence[CheckFinding],
    targets: Sequence[TargetEffect],
    required: Sequence[Mapping[str, Any]],
    usage: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what the evidence concludes, in an order that does not depend on how it was found.

    Accounts stand as their number and the digest of their sorted ids; `beside`, of the policies
    that an effect leaves some of its requests to, likewise. `usage`: what replayed usage
    concludes; None, and no part of it, where no logs are read.
    """
    catalogue, effects = load_catalogue(), found.effects
    beside = [other_denies(found.states, effect) for effect in effects.unmerged]
    differences = [
        {
            "verdict": effect.verdict.value,
            "policy_type": effect.policy_type.value,
            "actions": [] if effect.unlisted else action_words(catalogue, part.actions.bits),
            "unlisted": effect.unlisted,
            "when": effect.when,
            "reason": effect.reason,
            **accounts_json(part.account_ids),
            **({"beside": digest_of(list(others))} if others else {}),
        }
        for effect, others in zip(effects.unmerged, beside, strict=True)
        for part in effect.parts
    ]
    unknown = [{"reason": one.reason, **accounts_json(one.account_ids)} for one in effects.unknown]
    between = [
        {
            "kind": one.kind,
            "policy_type": one.policy_type.value,
            "first_step": one.first_step,
            "last_step": one.last_step,
            "actions": action_words(catalogue, one.action_bits),
            "unlisted": one.unlisted,
            "when": one.when,
            **accounts_json(one.account_ids),
        }
        for one in transients
    ]
    between += [_setting_conclusion(one) for one in setting_transients]
    return {
        "differences": in_order(differences),
        "unknown": in_order(unknown),
        "management": in_order(management),
        "transients": in_order(between),
        "findings": sorted(
            [one.code, one.level.value, one.key]
            for one in findings
            if one.code not in UNBOUND_CODES
        ),
        "targets": in_order(target_json(one) for one in targets),
        "required_approvals": in_order(required),
        **({} if usage is None else {"usage": dict(usage)}),
    }


def _setting_conclusion(one: SettingTransient) -> dict[str, Any]:
    told = one.as_json()
    accounts = accounts_json(told.pop("account_ids"))
    return {**told, **accounts}


def accounts_json(account_ids: Iterable[str]) -> dict[str, Any]:
    """Return accounts as their number and a digest that is equal for equal accounts."""
    ordered = sorted(account_ids)
    return {"accounts": len(ordered), "accounts_sha256": digest_of(ordered)}


def in_order(values: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return JSON objects in one order, whatever the order they were found in."""
    return sorted((dict(value) for value in values), key=digest_of)


def predictions_of(
    planned: PlannedChange, effects: Effects, content: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is predicted, to be compared with what happens.

    `policies`: the SHA-256 of each text that stands in the end; `attached`: the ids of the policies
    at each target whose attachments change; `witnesses`: requests and how they will be decided.
    """
    final = planned.final
    attached: dict[str, list[str]] = {}
    for kind, control in final.after.items():
        was = final.before.control(kind).attached
        for target_id, held in control.attached.items():
            ids = sorted(policy.policy_id for policy in held)
            if ids != sorted(policy.policy_id for policy in was.get(target_id, ())):
                attached.setdefault(target_id, []).extend(ids)
    return {
        "catalogue_version": effects.catalogue_version,
        "policies": {one.policy.policy_id: one.policy.sha256 for one in final.edited},
        "attached": {target_id: sorted(ids) for target_id, ids in sorted(attached.items())},
        "parents": dict(sorted(final.parents.items())),
        "witnesses": [
            {"verdict": one["verdict"], "policy_type": one["policy_type"], **one["witness"]}
            for one in content["differences"]
            if one["witness"] is not None
        ],
    }

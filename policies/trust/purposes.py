"""What a guard is for: the one tenant, organization, account or the ids that its values name.

A purpose is a set of a key's values, made of those that the conditions themselves name completely:
`repo:my-org/*` names the organization my-org, `repo:my-org*` names none, since the name may go on.
The engine then decides whether all that the conditions admit lies within it; see `guards`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from policies.language.document import Operator
from policies.trust.admitted import compiled_condition
from policies.trust.caller_purposes import (
    accounts,
    callers_accounts,
    organization_ids,
    organization_paths,
    principal_arns,
    source_arns,
    user_ids,
    user_names,
)
from policies.trust.edges import GuardKind, TrustPrincipal
from policies.trust.federated_purposes import audiences, claims, session_names, subjects, tags
from policies.trust.purpose_parts import (
    AskedGuard,
    Conditions,
    GuardPurpose,
    GuardSurroundings,
    named_texts,
    written_patterns,
)


def purpose_of(
    kind: GuardKind,
    key: str,
    conditions: Conditions,
    principal: TrustPrincipal,
    surroundings: GuardSurroundings,
) -> GuardPurpose:
    """Return what the conditions on one key (lower case) are for; they have no variables left."""
    make = _BY_KEY.get(key) or _BY_KIND.get(kind)
    if make is None and key.startswith("kms:encryptioncontext:aws:"):
        # AWS services put the ARN or id of what they encrypt into the encryption context.
        make = source_arns if key.endswith("arn") else named_texts("resource", "other resources")
    if make is None:
        return GuardPurpose(never="It says nothing about who makes the request.")
    return make(AskedGuard(key, conditions, principal, surroundings))


def _services(asked: AskedGuard) -> GuardPurpose:
    if asked.key == "aws:viaawsservice":
        return GuardPurpose(never="It says how the call is made, not who makes it.")
    return written_patterns(asked, "service")


def _regions(asked: AskedGuard) -> GuardPurpose:
    return written_patterns(asked, "region")


def _is_kind(asked: AskedGuard) -> GuardPurpose:
    return GuardPurpose(never="It says what kind of principal calls, not which one.")


def _mount_target(asked: AskedGuard) -> GuardPurpose:
    return GuardPurpose(
        (compiled_condition(asked.key, Operator.BOOL, (("true",),)),), ("true",), "mount target"
    )


_Maker = Callable[[AskedGuard], GuardPurpose]

_BY_KIND: Final[dict[GuardKind, _Maker]] = {
    GuardKind.EXTERNAL_ID: named_texts("external ID", "other external IDs"),
    GuardKind.SOURCE_ACCOUNT: accounts,
    GuardKind.SOURCE_ARN: source_arns,
    GuardKind.VPC: named_texts("VPC", "other VPCs"),
    GuardKind.VPC_ENDPOINT: named_texts("VPC endpoint", "other VPC endpoints"),
    GuardKind.SUBJECT: subjects,
    GuardKind.AUDIENCE: audiences,
    GuardKind.CLAIM: claims,
    GuardKind.TAG: tags,
    GuardKind.SERVICE: _services,
    GuardKind.REGION: _regions,
}

_BY_KEY: Final[dict[str, _Maker]] = {
    "aws:principalorgid": organization_ids,
    "aws:sourceorgid": organization_ids,
    "aws:vpceorgid": organization_ids,
    "aws:principalorgpaths": organization_paths,
    "aws:sourceorgpaths": organization_paths,
    "aws:vpceorgpaths": organization_paths,
    "aws:principalarn": principal_arns,
    "aws:principalaccount": callers_accounts,
    "kms:calleraccount": callers_accounts,
    "aws:vpceaccount": accounts,
    "aws:sourcevpcarn": source_arns,
    "s3:dataaccesspointaccount": accounts,
    "s3:dataaccesspointarn": source_arns,
    "aws:userid": user_ids,
    "aws:username": user_names,
    "aws:federatedprovider": named_texts("identity provider", "other identity providers"),
    "aws:principaltype": _is_kind,
    "aws:principalisawsservice": _is_kind,
    "aws:assumedroot": _is_kind,
    "elasticfilesystem:accessedviamounttarget": _mount_target,
    "lambda:eventsourcetoken": named_texts("event source token", "other tokens"),
    "sts:rolesessionname": session_names,
    "sts:sourceidentity": session_names,
    "aws:sourceidentity": session_names,
}

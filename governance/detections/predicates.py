"""The predicates of conditions: what each asks of an occurrence and of the inventory.

True: it holds. None: that is not known. What each means: `rules.predicate_names`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import unquote

from governance.detections.facts import OrganizationFacts
from governance.detections.occurrences import Occurrence, account_in
from governance.detections.rules.document import RuleCondition
from inventory.cloudtrail.events import is_account
from policies import PolicyType, parse_policy
from policies.trust import PolicyCrossing, TrustedResource
from policies.trust.crossing import crossing_of
from policies.trust.sources import sources_of

Arguments = tuple[str, ...]
Predicate = Callable[[Occurrence, OrganizationFacts, Arguments], bool | None]

_ACCOUNT_IN_TEXT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_EVERYBODY: Final = frozenset({"*", "all", "public", "public-read", "public-read-write"})
_ROLE_FIELDS: Final = (
    *("requestParameters.roleArn", "requestParameters.roleName", "requestParameters.role"),
    *("responseElements.role.arn", "resource"),
)
_POLICY_FIELDS: Final = (
    "requestParameters.policyId",
    "responseElements.policy.policySummary.id",
)
_TYPE_FIELDS: Final = (
    *("responseElements.policy.policySummary.type", "requestParameters.type"),
    *("requestParameters.policyType",),
)


def holds(
    condition: RuleCondition, occurrence: Occurrence, facts: OrganizationFacts
) -> bool | None:
    """Return whether a condition holds for an occurrence; None: not known."""
    return _PREDICATES[condition.predicate](occurrence, facts, condition.arguments)


def _explained(occurrence: Occurrence, facts: OrganizationFacts, _: Arguments) -> bool | None:
    return facts.own_writes.explains(
        call=occurrence.event_name,
        given=_mapping(occurrence.field("requestParameters")),
        request_id=str(occurrence.field("requestID") or ""),
        session_arn=str(occurrence.field("userIdentity.arn") or ""),
        at=occurrence.at,
        object_ids=frozenset(_object_ids(occurrence)),
    )


def _object_ids(occurrence: Occurrence) -> Iterator[str]:
    for path in (
        *_POLICY_FIELDS,
        "requestParameters.targetId",
        "requestParameters.accountId",
        "requestParameters.organizationalUnitId",
        "responseElements.organizationalUnit.id",
    ):
        found = occurrence.field(path)
        if isinstance(found, str) and found:
            yield found


def _in_environment(
    occurrence: Occurrence, facts: OrganizationFacts, wanted: Arguments
) -> bool | None:
    if occurrence.account_id not in facts.members:
        return None
    value = facts.labels.environment(occurrence.account_id).value
    return None if value is None else value.value in wanted


def _core_account(
    occurrence: Occurrence, facts: OrganizationFacts, wanted: Arguments
) -> bool | None:
    known = [facts.core_accounts.get(purpose, "") for purpose in wanted]
    if occurrence.account_id in known:
        return True
    return False if all(known) else None


def _policy_type(
    occurrence: Occurrence, facts: OrganizationFacts, wanted: Arguments
) -> bool | None:
    for path in _TYPE_FIELDS:
        found = occurrence.field(path)
        if isinstance(found, str) and found:
            return found in wanted
    for path in _POLICY_FIELDS:
        policy_id = occurrence.field(path)
        if isinstance(policy_id, str) and (found := facts.policy_type(policy_id)):
            return found in wanted
    return None


def _principal_matches(
    occurrence: Occurrence, facts: OrganizationFacts, wanted: Arguments
) -> bool | None:
    if not occurrence.principal.startswith("arn:"):
        return None if is_account(occurrence.principal) or not occurrence.principal else False
    return facts.matches_role(occurrence.principal, wanted)


def _role_matches(
    occurrence: Occurrence, facts: OrganizationFacts, wanted: Arguments
) -> bool | None:
    arns = list(_roles(occurrence))
    if not arns:
        return None
    return any(facts.matches_role(arn, wanted) for arn in arns)


def _roles(occurrence: Occurrence) -> Iterator[str]:
    """Yield the ARNs that the role of an event may have.

    A role given by its name may have a path that the event does not tell: then patterns are asked
    with the name alone.
    """
    for path in _ROLE_FIELDS:
        found = occurrence.field(path)
        if not isinstance(found, str) or not found:
            continue
        if found.startswith("arn:"):
            yield found
        elif path != "resource":
            yield f"arn:aws:iam::{occurrence.account_id}:role/{found}"


def _by_orgwarden(occurrence: Occurrence, facts: OrganizationFacts, _: Arguments) -> bool | None:
    if occurrence.principal in facts.own_caller_accounts:
        # The caller's own log names it, and is judged by that.
        return True
    if not occurrence.principal.startswith("arn:"):
        return None if is_account(occurrence.principal) or not occurrence.principal else False
    return facts.own_roles(occurrence.principal)


def _by_aws(occurrence: Occurrence, _facts: OrganizationFacts, _: Arguments) -> bool | None:
    principal = occurrence.principal
    if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return True
    if ":role/aws-service-role/" in principal:
        return True
    if occurrence.field("userIdentity.type") == "AWSService":
        return True
    if occurrence.field("eventType") == "AwsServiceEvent":
        return True
    return None if is_account(principal) or not principal else False


def _names_outside(
    occurrence: Occurrence, facts: OrganizationFacts, paths: Arguments
) -> bool | None:
    named: set[str] = set()
    for path in paths:
        for text in _texts(occurrence.field(path)):
            if text.lower() in _EVERYBODY:
                return True
            named |= set(_ACCOUNT_IN_TEXT.findall(text))
    if not named:
        return False
    if not facts.members:
        return None
    return bool(named - facts.members - {occurrence.account_id})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        # Leading zeros of an account id are lost where a service writes it as a number.
        yield f"{value:012d}"
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _opens_outside(
    occurrence: Occurrence, facts: OrganizationFacts, paths: Arguments
) -> bool | None:
    known = True
    for path in paths:
        policy = occurrence.field(path)
        if policy in (None, "", {}):
            continue
        opened = _policy_opens(policy, path, occurrence, facts)
        if opened:
            return True
        known = known and opened is not None
    return False if known else None


def _policy_opens(
    policy: Any, path: str, occurrence: Occurrence, facts: OrganizationFacts
) -> bool | None:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    if text.startswith("%7B"):
        text = unquote(text)
    is_trust = path.endswith(("assumeRolePolicyDocument", "policyDocument")) and (
        occurrence.event_source == "iam.amazonaws.com"
    )
    kind = PolicyType.TRUST_POLICY if is_trust else PolicyType.RESOURCE_POLICY
    document = parse_policy(text, kind).document
    organization = facts.trust_organization
    if document is None or organization is None:
        return None
    resource = TrustedResource("*", occurrence.account_id)
    outside = (PolicyCrossing.EXTERNAL, PolicyCrossing.PUBLIC)
    return any(
        crossing_of(source.principal, organization, resource) in outside
        for statement in document.statements
        for source in sources_of(statement, kind)
    )


def _outside_networks(
    occurrence: Occurrence, facts: OrganizationFacts, _: Arguments
) -> bool | None:
    networks = facts.expected_networks
    if not networks:
        return False
    address = occurrence.field("sourceIPAddress")
    try:
        parsed = ip_address(str(address))
    except ValueError:
        # A service's name: the call did not come from a network.
        return None if not address else False
    return not any(parsed in network for network in networks)


def _crosses_accounts(
    occurrence: Occurrence, _facts: OrganizationFacts, _: Arguments
) -> bool | None:
    caller, resource = occurrence.principal_account_id, _resource_account(occurrence)
    if occurrence.principal and not caller and not is_account(occurrence.principal):
        # A service or an identity provider has no account.
        return False
    return None if not caller or not resource else caller != resource


def _resource_account(occurrence: Occurrence) -> str:
    for path in ("resource", "requestParameters.roleArn"):
        found = occurrence.field(path)
        if isinstance(found, str) and (account := account_in(found)):
            return account
    return ""


def _pair_is_new(occurrence: Occurrence, facts: OrganizationFacts, _: Arguments) -> bool | None:
    caller, resource = occurrence.principal_account_id, _resource_account(occurrence)
    if not caller or not resource:
        return None
    day = occurrence.at.date()
    if facts.is_learning(day):
        return False
    since = facts.pair_since(caller, resource)
    return since is None or since >= day


def _continues_chain(occurrence: Occurrence, facts: OrganizationFacts, _: Arguments) -> bool | None:
    if ":role/" not in occurrence.principal:
        # A member's own log names the role of the same call, which is judged there.
        is_outside = is_account(occurrence.principal) and occurrence.principal not in facts.members
        return None if is_outside else False
    return facts.was_assumed_across(occurrence.principal, occurrence.at.date())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


_PREDICATES: Final[Mapping[str, Predicate]] = {
    "explained_by_change_request": _explained,
    "account_in_environment": _in_environment,
    "core_account": _core_account,
    "policy_type": _policy_type,
    "principal_matches": _principal_matches,
    "role_matches": _role_matches,
    "made_by_orgwarden": _by_orgwarden,
    "made_by_aws": _by_aws,
    "names_account_outside": _names_outside,
    "policy_opens_outside": _opens_outside,
    "outside_expected_networks": _outside_networks,
    "crosses_accounts": _crosses_accounts,
    "account_pair_is_new": _pair_is_new,
    "continues_role_chain": _continues_chain,
}


def implemented() -> Iterable[str]:
    """Return the names of the predicates that can be asked."""
    return _PREDICATES

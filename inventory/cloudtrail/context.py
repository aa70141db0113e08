"""The request context that an event tells, and the condition keys that it leaves unknown.

A key is in one of three states. Known: it has a value here. Unknown: the call may have had it with
any value, and the event does not say. Absent: neither; the call did not have it, or it follows
from the principal, the resource and the organization (see `policies.evaluation.derived_context`).
A key that goes on with a tag's key is unknown as AWS writes it: `aws:PrincipalTag/${TagKey}` stands
for all tags that are not known.

Source: IAM user guide, "AWS global condition context keys"; CloudTrail user guide, "Enrich
CloudTrail events by adding resource tag keys and IAM global condition keys".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from inventory.cloudtrail.callers import UNKNOWN_ACCOUNT, Caller
from inventory.cloudtrail.events import CloudTrailEvent
from policies.catalogue import load_catalogue
from policies.context_keys import GLOBAL_KEYS
from policies.language.json_reader import JsonValue

ContextPair = tuple[str, str | tuple[str, ...]]

_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_REGION: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+")
_REQUESTED_REGION: Final = "aws:RequestedRegion"
_CONSOLE: Final = "signin.amazonaws.com"
_CALLED_VIA: Final = frozenset(
    {
        "athena.amazonaws.com",
        "cloudformation.amazonaws.com",
        "dynamodb.amazonaws.com",
        "kms.amazonaws.com",
    }
)
"""The only services that aws:CalledVia and its like ever name."""

_ALWAYS_UNKNOWN: Final = ("aws:CurrentTime", "aws:EpochTime", "aws:UserAgent", "aws:referer")
"""Usage of many times and programs is counted together, so these have no one value."""
_OF_ROLE_SESSIONS: Final = (
    "aws:userid",
    "aws:TokenIssueTime",
    "aws:FederatedProvider",
    "aws:ChatbotSourceArn",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
)
_OF_INSTANCES: Final = (
    "ec2:SourceInstanceArn", "aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4",
)  # fmt: skip
_OF_ENDPOINTS: Final = (
    "aws:SourceVpc", "aws:SourceVpcArn", "aws:VpceOrgID", "aws:VpceOrgPaths",
)  # fmt: skip
_OF_SERVICES: Final = (
    "aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths",
    "aws:PrincipalServiceNamesList",
)  # fmt: skip
_OF_OTHER_ACCOUNTS: Final = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
_VIA: Final = ("aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast")
_MCP: Final = ("aws:ViaAWSMCPService", "aws:CalledViaAWSMCP", "aws:IsMcpServiceAction")
_PRINCIPAL_TAGS: Final = "aws:PrincipalTag/${TagKey}"
_TIMES: Final = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:tokenissuetime", "aws:multifactorauthage"}
)
_REMEMBERED: Final = 65536


class CallContext(NamedTuple):
    """What is known of a call, but for its action: keys with values, and unknown keys."""

    known: tuple[ContextPair, ...]
    unknown: tuple[str, ...]

    def in_region(self, region: str) -> CallContext:
        """Return the same with another aws:RequestedRegion; '' for one that is not known."""
        known = tuple(pair for pair in self.known if pair[0] != _REQUESTED_REGION)
        if region:
            unknown = tuple(key for key in self.unknown if key != _REQUESTED_REGION)
            return CallContext(tuple(sorted((*known, (_REQUESTED_REGION, region)))), unknown)
        return CallContext(known, tuple(sorted({*self.unknown, _REQUESTED_REGION})))


def context_of(event: CloudTrailEvent, caller: Caller, account_id: str) -> CallContext:
    """Return the context of an event's call; equal contexts are one object."""
    found = _CallReader(event, caller, account_id).context()
    if len(_shared) >= _REMEMBERED:
        _shared.clear()
    return _shared.setdefault(found, found)


_shared: Final[dict[CallContext, CallContext]] = {}


class _CallReader:
    """Sorts the keys of one call into known and unknown ones."""

    def __init__(self, event: CloudTrailEvent, caller: Caller, account_id: str) -> None:
        self.event = event
        self.caller = caller
        self.account_id = account_id
        self.known: dict[str, str | tuple[str, ...]] = {}
        self.unknown: list[str] = list(_ALWAYS_UNKNOWN)

    def context(self) -> CallContext:
        """Return what is known and what is not."""
        region = self.event.region
        if region is not None and _REGION.fullmatch(region):
            self.known[_REQUESTED_REGION] = region
        else:
            self.unknown.append(_REQUESTED_REGION)
        self._principal()
        self._session()
        self._via()
        self._network()
        self._enriched()
        lowered = {key.lower() for key in self.known}
        unknown = dict.fromkeys(key for key in self.unknown if key.lower() not in lowered)
        return CallContext(tuple(sorted(self.known.items())), tuple(sorted(unknown)))

    def _principal(self) -> None:
        caller = self.caller
        if caller.principal.startswith("arn:"):
            if caller.is_role_certain:
                self.known["aws:PrincipalArn"] = caller.principal
            else:
                self.unknown.append("aws:PrincipalArn")
        elif caller.account_id is not None or caller.principal == UNKNOWN_ACCOUNT:
            self.unknown += ["aws:PrincipalArn", "aws:username", "aws:userid"]
        if caller.account_id is not None:
            self.known["aws:PrincipalAccount"] = caller.account_id
            self.unknown.append(_PRINCIPAL_TAGS)
            if caller.account_id != self.account_id:
                self.unknown.extend(_OF_OTHER_ACCOUNTS)
        if caller.principal_type is not None:
            self.known["aws:PrincipalType"] = caller.principal_type
        elif caller.account_id is not None or caller.principal == UNKNOWN_ACCOUNT:
            self.unknown.append("aws:PrincipalType")
        if caller.principal == UNKNOWN_ACCOUNT:
            self.unknown += ["aws:PrincipalAccount", _PRINCIPAL_TAGS, *_OF_OTHER_ACCOUNTS]
        if caller.account_id is None:
            self.unknown.extend(_OF_SERVICES)

    def _session(self) -> None:
        self._caller_ids()
        identity = self.event.user_identity
        session = identity.session_context if identity is not None else None
        if session is None:
            # Without a session users and root users sign with keys of long life: no such keys.
            if self.caller.principal_type not in ("User", "Account"):
                self.unknown += ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"]
                self.unknown += ["aws:SourceIdentity", "ec2:RoleDelivery", *_OF_INSTANCES]
            return
        attributes = session.attributes
        present = attributes.mfa_authenticated if attributes is not None else None
        if present in ("true", "false"):
            self.known["aws:MultiFactorAuthPresent"] = present
        else:
            self.unknown.append("aws:MultiFactorAuthPresent")
        if present != "false":
            self.unknown.append("aws:MultiFactorAuthAge")
        if session.source_identity:
            self.known["aws:SourceIdentity"] = session.source_identity
        if session.assumed_root == "true":
            self.known["aws:AssumedRoot"] = "true"
        web = session.web_id_federation_data
        if web is not None and web.federated_provider:
            self.known["aws:FederatedProvider"] = web.federated_provider
        if session.ec2_role_delivery:
            self.known["ec2:RoleDelivery"] = session.ec2_role_delivery
            self.unknown.extend(_OF_INSTANCES)

    def _caller_ids(self) -> None:
        identity = self.event.user_identity
        principal_type = self.caller.principal_type
        user_id = identity.principal_id if identity is not None else None
        if principal_type == "AssumedRole":
            # A session's id holds its name; usage is of the role, whatever the session.
            self.unknown.extend(_OF_ROLE_SESSIONS)
        elif principal_type == "User" and user_id:
            self.known["aws:userid"] = user_id
        elif principal_type in ("User", "FederatedUser"):
            self.unknown.append("aws:userid")

    def _via(self) -> None:
        identity = self.event.user_identity
        invoked_by = identity.invoked_by if identity is not None else None
        if (
            self.caller.account_id is None and invoked_by == self.caller.principal
        ) or not invoked_by:
            self.known["aws:ViaAWSService"] = "false"
        elif invoked_by == _CONSOLE or not _SERVICE.fullmatch(invoked_by):
            self.unknown += [*_VIA, *_MCP]
        else:
            self.known["aws:ViaAWSService"] = "true"
            self.unknown += [*_VIA, *_MCP]
            if invoked_by in _CALLED_VIA:
                # The services before it in the chain are not recorded.
                self.known["aws:CalledViaLast"] = invoked_by

    def _network(self) -> None:
        event, address = self.event, self.event.source_address
        if event.tls_details is not None and event.tls_details.tls_version:
            self.known["aws:SecureTransport"] = "true"
        else:
            self.unknown.append("aws:SecureTransport")
        is_address = _is_address(address)
        if event.vpc_endpoint_id:
            self.known["aws:SourceVpce"] = event.vpc_endpoint_id
            if event.vpc_endpoint_account_id:
                self.known["aws:VpceAccount"] = event.vpc_endpoint_account_id
            else:
                self.unknown.append("aws:VpceAccount")
            self.unknown.extend(_OF_ENDPOINTS)
            if is_address and address is not None:
                self.known["aws:VpcSourceIp"] = address
            else:
                self.unknown.append("aws:VpcSourceIp")
        elif is_address and address is not None:
            self.known["aws:SourceIp"] = address
        else:
            # A service's name, or nothing: nor is it known whether it came by an endpoint.
            self.unknown += ["aws:SourceIp", "aws:VpcSourceIp", "aws:SourceVpce"]
            self.unknown += ["aws:VpceAccount", *_OF_ENDPOINTS]

    def _enriched(self) -> None:
        """Take what CloudTrail's enrichment of events supplies, which is what IAM itself saw."""
        if not self.event.event_context:
            return
        known = {key.lower(): key for key in self.known}
        for key, value in _enrichment(self.event.event_context):
            if key.lower() not in _TIMES:
                self.known.pop(known.get(key.lower(), ""), None)
                self.known[key] = value


def _enrichment(raw: msgspec.Raw) -> Iterator[ContextPair]:
    try:
        content: JsonValue = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return
    if not isinstance(content, dict):
        return
    seen: set[str] = set()
    request = content.get("requestContext")
    for key, value in request.items() if isinstance(request, dict) else ():
        plain = _plain(value)
        if plain is not None and ":" in key and key.lower() not in seen:
            seen.add(key.lower())
            yield key, plain
    tags = content.get("tagContext")
    principal = tags.get("principalTags") if isinstance(tags, dict) else None
    for key, value in _tags(principal):
        name = f"aws:PrincipalTag/{key}"
        if name.lower() not in seen:
            seen.add(name.lower())
            yield name, value
    resources = tags.get("resourceTags") if isinstance(tags, dict) else None
    if isinstance(resources, list) and len(resources) == 1 and isinstance(resources[0], dict):
        # Tags of several resources belong to one each, and usage is of one each, too.
        for key, value in _tags(resources[0].get("tags")):
            name = f"aws:ResourceTag/{key}"
            if name.lower() not in seen:
                seen.add(name.lower())
                yield name, value


def _tags(value: JsonValue) -> Iterator[tuple[str, str]]:
    """Yield tags given as an object, or as a list of objects with key and value."""
    if isinstance(value, dict):
        yield from ((key, text) for key, text in value.items() if isinstance(text, str))
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            key, text = item.get("key"), item.get("value")
            if isinstance(key, str) and isinstance(text, str):
                yield key, text


def _plain(value: JsonValue) -> str | tuple[str, ...] | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(str(item) for item in value)
    return None


@lru_cache(maxsize=8192)
def _is_address(text: str | None) -> bool:
    try:
        ipaddress.ip_address(text or "")
    except ValueError:
        return False
    return True


@lru_cache(maxsize=16384)
def unknown_keys(action: str, context: CallContext) -> tuple[str, ...]:
    """Return the keys of a call of an action that its context leaves unknown, sorted.

    Those are what no event tells, and the action's own keys (`s3:x-amz-acl`,
    `aws:RequestTag/${TagKey}`): CloudTrail does not say which values services gave IAM.
    """
    known = {key.lower() for key, _ in context.known}
    found = dict.fromkeys(context.unknown)
    for key in _keys_of_action(action):
        lowered = key.lower()
        is_settled = lowered in GLOBAL_KEYS and lowered != "aws:tagkeys"
        if not is_settled and lowered not in known and lowered not in _DERIVED:
            found.setdefault(key)
    return tuple(sorted(found))


_DERIVED: Final = frozenset({"kms:calleraccount", "s3:resourceaccount"})


@lru_cache(maxsize=16384)
def _keys_of_action(action: str) -> tuple[str, ...]:
    catalogue = load_catalogue()
    index = catalogue.index_of[action.lower()]
    return tuple(key.name for key in catalogue.condition_keys(index))

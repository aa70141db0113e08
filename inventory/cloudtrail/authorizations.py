"""One event → the authorizations that its call needed: an action and a resource each.

Beyond the event's own action: actions that a parameter adds (tags, an object's access list), the
role that is handed to a service (iam:PassRole), both sides of a copy, the models of one Bedrock
call, and the statements of PartiQL.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from inventory.cloudtrail.callers import UNKNOWN_ACCOUNT
from inventory.cloudtrail.denials import Denial
from inventory.cloudtrail.events import CloudTrailEvent
from inventory.cloudtrail.mapping import EventMapping, action_data
from inventory.cloudtrail.resources import (
    CallPlace,
    Parameters,
    fold,
    folded,
    of_action,
    read_parameters,
    resources_of,
)
from policies.catalogue import load_catalogue
from policies.language.json_reader import JsonValue

_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", re.S)
_STATEMENT: Final = re.compile(r"\s*(select|insert|update|delete|exists)\b", re.I)
_PARTIQL: Final = {
    "select": "dynamodb:PartiQLSelect",
    "exists": "dynamodb:PartiQLSelect",
    "insert": "dynamodb:PartiQLInsert",
    "update": "dynamodb:PartiQLUpdate",
    "delete": "dynamodb:PartiQLDelete",
}
_PARTIQL_EVENTS: Final = frozenset(
    {"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}
)
_TRANSACTION: Final = {
    "conditioncheck": "dynamodb:ConditionCheckItem",
    "put": "dynamodb:PutItem",
    "update": "dynamodb:UpdateItem",
    "delete": "dynamodb:DeleteItem",
}
_COPIES: Final = frozenset({"CopyObject", "UploadPartCopy"})
_DYNAMODB: Final = "dynamodb.amazonaws.com"
INSTANCE_PROFILE: Final = b'"iamInstanceProfile"'
SPECIAL_EVENTS: Final = _PARTIQL_EVENTS | _COPIES | {"TransactWriteItems", "ReEncrypt"}
"""Names of events whose actions and resources are read otherwise than by the catalogue."""


class Authorization(NamedTuple):
    """What IAM was asked: an action, and a resource that may be a pattern. `*`: no resource.

    `region`: the value of aws:RequestedRegion if it is not the event's: '' where it is not known,
    `unspecified` for a model that Bedrock runs in any region.
    """

    action: str
    resource: str
    region: str | None = None


class EventCalls(NamedTuple):
    """What one event amounts to: authorizations, or why there are none ('' for not mapped)."""

    authorizations: tuple[Authorization, ...]
    no_action: str = ""


NOT_MAPPED: Final = EventCalls(())


class EventReader:
    """Reads the authorizations of one event."""

    def __init__(
        self,
        event: CloudTrailEvent,
        mapping: EventMapping,
        account_id: str,
        denial: Denial | None,
        named: tuple[str, ...],
        parameters: Parameters,
    ) -> None:
        """`named`: the ARNs that the event names; `parameters`: of its request."""
        self.event = event
        self.mapping = mapping
        self.account_id = account_id
        self.denial = denial
        self.named = named
        region = event.region or "*"
        account = account_id if account_id != UNKNOWN_ACCOUNT else "*"
        self.place = CallPlace(_partition(region, self.named), region, account)
        self.parameters = parameters

    def calls(self) -> EventCalls:
        """Return them."""
        denial = self.denial
        if denial is not None and denial.action:
            return EventCalls((next(iter(self._of_action(denial.action))),))
        actions = self._actions()
        if not actions:
            return NOT_MAPPED
        if denial is not None:
            main = next(iter(self._of_action(actions[0])))
            resource = denial.resource if denial.resource not in ("", "*") else main.resource
            return EventCalls((main._replace(resource=folded(actions[0], resource)),))
        found = dict.fromkeys(one for action in actions for one in self._of_action(action))
        resources = [one.resource for one in found]
        for extra in (*self._added(actions[0], resources), *self._passed(actions[0])):
            found.setdefault(extra)
        return EventCalls(tuple(found))

    def _actions(self) -> tuple[str, ...]:
        name = self.event.event_name or ""
        if self.event.event_source == _DYNAMODB:
            if name in _PARTIQL_EVENTS:
                return self._statements()
            if name == "TransactWriteItems":
                return self._transaction()
        actions = self.mapping.actions
        if actions and "versionid" in self.parameters.texts:
            versioned = action_data()["versioned_objects"]
            actions = tuple(versioned.get(action, action) for action in actions)
        return actions

    def _statements(self) -> tuple[str, ...]:
        texts = (*self.parameters.texts.get("statement", ()),)
        words = (found[1].lower() for text in texts if (found := _STATEMENT.match(text)))
        return tuple(dict.fromkeys(_PARTIQL[word] for word in words))

    def _transaction(self) -> tuple[str, ...]:
        try:
            request: JsonValue = msgspec.json.decode(self.event.request_parameters)
        except (msgspec.MsgspecError, RecursionError):
            return ()
        items = request.get("transactItems") if isinstance(request, dict) else None
        found: dict[str, None] = {}
        for item in items if isinstance(items, list) else ():
            for name in item if isinstance(item, dict) else ():
                action = _TRANSACTION.get(name.lower())
                if action is not None:
                    found.setdefault(action)
        return tuple(found)

    def _of_action(self, action: str) -> tuple[Authorization, ...]:
        name = self.event.event_name or ""
        if action.startswith("bedrock:Invoke"):
            return self._models(action)
        if name in _COPIES and action.startswith("s3:GetObject"):
            return (Authorization(action, self._copied()),)
        if name == "ReEncrypt" and action.startswith("kms:"):
            return self._reencrypted(action)
        named = self.named
        return tuple(
            Authorization(action, resource)
            for resource in resources_of(action, self.place, named, self.parameters)
        )

    def _copied(self) -> str:
        """Return the objects of the bucket that a copy is made of."""
        source = next(iter(self.parameters.texts.get("x-amz-copy-source", ())), "")
        bucket = source.lstrip("/").partition("/")[0].partition("%2F")[0]
        if of_action("s3:GetObject", [source]):
            return fold(source)
        return f"arn:{self.place.partition}:s3:::{bucket or '*'}/*"

    def _reencrypted(self, action: str) -> tuple[Authorization, ...]:
        is_source = action == "kms:ReEncryptFrom"
        name = "sourcekeyid" if is_source else "destinationkeyid"
        given = self.parameters.texts.get(name, ())
        named = [arn for arn in self.named if any(arn.endswith(key) for key in given)]
        if not named and len(self.named) == 2:
            named = [self.named[0 if is_source else 1]]
        own = Parameters({"keyid": given} if given else {}, [a for a in given if "arn:" in a])
        return tuple(
            Authorization(action, resource)
            for resource in resources_of(action, self.place, named, own)
        )

    def _models(self, action: str) -> tuple[Authorization, ...]:
        """Return a Bedrock call's model, or its inference profile and the model behind it.

        Source: Bedrock user guide, "Prerequisites for inference profiles", "Supported Regions and
        models for inference profiles" (global profiles: aws:RequestedRegion is `unspecified`).
        """
        place = self.place
        model = next(iter(self.parameters.texts.get("modelid", ())), "")
        if not model or (model.startswith("arn:") and not of_action(action, [model])):
            resources = resources_of(action, place, self.named, self.parameters)
            return tuple(Authorization(action, resource) for resource in resources)
        kind, _, name = model.rpartition(":")[2].partition("/") if "arn:" in model else ("", "", "")
        profile = _PROFILE.fullmatch(name or model)
        if model.startswith("arn:") and kind != "inference-profile":
            return (Authorization(action, model),)
        if profile is None:
            arn = f"arn:{place.partition}:bedrock:{place.region}::foundation-model/{model}"
            return (Authorization(action, arn),)
        own = f"arn:{place.partition}:bedrock:{place.region}:{place.account_id}:inference-profile/"
        behind = self._inference_region()
        found = [Authorization(action, model if "arn:" in model else own + model)]
        model_arn = f"arn:{place.partition}:bedrock:{{}}::foundation-model/{profile[2]}"
        if profile[1] == "global":
            found.append(Authorization(action, model_arn.format(""), "unspecified"))
            found.append(Authorization(action, model_arn.format(place.region)))
        else:
            found.append(Authorization(action, model_arn.format(behind or "*"), behind or ""))
        return tuple(found)

    def _inference_region(self) -> str:
        """Return the region in which Bedrock ran a model; empty where it does not say."""
        texts = read_parameters(self.event.additional_data).texts
        return next(iter(texts.get("inferenceregion", ())), "")

    def _added(self, action: str, main: list[str]) -> list[Authorization]:
        """Return what the request's parameters need beyond the action, on the same resources."""
        found: list[Authorization] = []
        added = added_by_parameter(action)
        for name, actions in added.items():
            for one in actions if name in self.parameters.given else ():
                if one == "ec2:CreateTags":
                    resources = self._tagged()
                else:
                    resources = of_action(one, main) or [r.resource for r in self._of_action(one)]
                found.extend(Authorization(one, resource) for resource in resources)
        return found

    def _tagged(self) -> list[str]:
        """Return the things that an EC2 call makes with tags, by the types it names."""
        place = self.place
        types = dict.fromkeys(self.parameters.texts.get("resourcetype", ()))
        owned = f"arn:{place.partition}:ec2:{place.region}:{place.account_id}:"
        return [f"{owned}{name}/*" for name in types] or [f"{owned}*"]

    def _passed(self, action: str) -> tuple[Authorization, ...]:
        """Return iam:PassRole for each role that the call hands to a service."""
        if self.event.read_only is True or not may_pass_role(action):
            return ()
        texts = self.parameters.texts
        found: dict[Authorization, None] = {}
        if action == "iam:AddRoleToInstanceProfile":
            return tuple(
                Authorization("iam:PassRole", resource)
                for resource in resources_of("iam:PassRole", self.place, (), self.parameters)
            )
        for name in action_data()["role_parameters"]:
            for value in texts.get(name, ()):
                if _ROLE_ARN.fullmatch(value):
                    found.setdefault(Authorization("iam:PassRole", value))
        if action.startswith("ec2:") and INSTANCE_PROFILE in bytes(self.event.request_parameters):
            # The event names a profile, by its ARN or its name, but not the role in it.
            account = f"arn:{self.place.partition}:iam::{self.place.account_id}:"
            found.setdefault(Authorization("iam:PassRole", f"{account}role/*"))
        return tuple(found)


_PROFILE: Final = re.compile(r"(us-gov|us|eu|apac|jp|au|ca|global)\.(.+)")


@lru_cache(maxsize=8192)
def added_by_parameter(action: str) -> dict[str, list[str]]:
    data = action_data()["by_parameter"]
    whole_service = f"{action.partition(':')[0]}:*"
    return {**data.get(whole_service, {}), **data.get(action, {})}


@lru_cache(maxsize=8192)
def may_pass_role(action: str) -> bool:
    if action == "iam:AddRoleToInstanceProfile":
        return True
    if action.partition(":")[0] in action_data()["passes_no_role"]:
        return False
    catalogue = load_catalogue()
    return catalogue.access_level(catalogue.index_of[action.lower()]) not in ("List", "Read")


def _partition(region: str, named: tuple[str, ...]) -> str:
    if named:
        return named[0].split(":", 2)[1] or "aws"
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"

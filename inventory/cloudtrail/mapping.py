"""An event's name → the IAM actions that its call needed: the catalogue, and our data beside it.

The data is `actions.json`: names of event sources, events that authorise nothing, events whose
action has another name, and actions that a parameter adds.

Source: Service Authorization Reference; S3 user guide, "Required permissions for Amazon S3 API
operations"; DynamoDB developer guide, "IAM security policies with PartiQL for DynamoDB"; Bedrock
user guide, "Actions, resources, and condition keys"; CloudTrail pages of the services.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from typing import Final, NamedTuple, TypedDict, cast

from inventory.cloudtrail.events import CloudTrailEvent
from policies.catalogue import load_catalogue

_VERSION: Final = re.compile(r"\d{4}_?\d{2}_?\d{2}(?:v\d+)?$")
_SUFFIX: Final = re.compile(r"\.amazonaws\.com(?:\.cn)?$|\.amazon\.com$|\.api\.aws$")


class ActionData(TypedDict):
    """What `actions.json` holds."""

    prefixes: dict[str, list[str]]
    no_action: dict[str, list[str]]
    actions: dict[str, dict[str, list[str]]]
    verbs: dict[str, dict[str, str]]
    versioned_objects: dict[str, str]
    by_parameter: dict[str, dict[str, list[str]]]
    passes_no_role: list[str]
    role_parameters: list[str]
    parameter_names: dict[str, list[str]]
    exact_types: list[str]


@lru_cache(maxsize=1)
def action_data() -> ActionData:
    """Return the content of `actions.json`."""
    text = resources.files("inventory.cloudtrail").joinpath("actions.json").read_text("utf-8")
    return cast(ActionData, json.loads(text))


class EventMapping(NamedTuple):
    """What an event's name alone says. Both empty: the event is not mapped.

    `actions`: as AWS spells them; the first is the call's main one. `no_action`: why the event
    authorises nothing.
    """

    actions: tuple[str, ...] = ()
    no_action: str = ""


UNMAPPED: Final = EventMapping()
SIGN_IN: Final = "sign-in"
SERVICE_EVENT: Final = "event of a service"
INSIGHT: Final = "insight"
REPEATED: Final = "network activity of a call that has its own record"
NO_PERMISSION: Final = "needs no permission"
_BY_TYPE: Final = {
    "AwsServiceEvent": SERVICE_EVENT,
    "AwsConsoleSignIn": SIGN_IN,
    "AwsCloudTrailInsight": INSIGHT,
}


def mapping_of(event: CloudTrailEvent) -> EventMapping:
    """Return the actions of an event, as far as its source, name and type say."""
    event_type = event.event_type
    if event_type != "AwsApiCall" and event_type is not None:
        no_action = _BY_TYPE.get(event_type, "")
        if event_type == "AwsVpceEvent" and not event.error_code:
            no_action = REPEATED
        if no_action:
            return EventMapping((), no_action)
    return map_event(event.event_source or "", event.event_name or "")


@lru_cache(maxsize=65536)
def map_event(event_source: str, event_name: str) -> EventMapping:
    """Return the actions of the API calls that are recorded under a source and a name."""
    data = action_data()
    source = _source(event_source)
    name = _VERSION.sub("", event_name.strip())
    if not source or not name:
        return UNMAPPED
    prefixes = _prefixes(source)
    silent = data["no_action"].get(source, ())
    if name in silent:
        return EventMapping((), SIGN_IN if source not in ("kms",) else SERVICE_EVENT)
    for prefix in dict.fromkeys((source, *prefixes)):
        listed = _listed(prefix).get(name.lower())
        if listed is not None:
            return EventMapping(tuple(listed)) if listed else EventMapping((), NO_PERMISSION)
    catalogue = load_catalogue()
    for prefix in prefixes:
        index = catalogue.index_of.get(f"{prefix}:{name.lower()}")
        if index is not None:
            return EventMapping((catalogue.names[index],))
    for prefix in prefixes:
        for beginning, verb in data["verbs"].get(prefix, {}).items():
            if name.startswith(beginning):
                return EventMapping((f"{prefix}:{verb}",))
    return EventMapping((), SIGN_IN) if "*" in silent else UNMAPPED


def event_services(event_source: str) -> tuple[str, ...]:
    """Return the services of the catalogue that an event source may stand for, likeliest first."""
    return _prefixes(_source(event_source))


def _source(event_source: str) -> str:
    return _SUFFIX.sub("", event_source.strip().lower()).replace(".", "-")


@lru_cache(maxsize=512)
def _listed(prefix: str) -> dict[str, list[str]]:
    listed = action_data()["actions"].get(prefix, {})
    return {name.lower(): actions for name, actions in listed.items()}


@lru_cache(maxsize=4096)
def _prefixes(source: str) -> tuple[str, ...]:
    """Return the services of the catalogue that an event source may stand for, likeliest first."""
    known = load_catalogue().service_ranges
    named = action_data()["prefixes"].get(source, [source])
    # A source may have a part before or after the service's name: api.ecr, streams.dynamodb.
    parts = [source, *source.split("-", 1)[1:], source.rsplit("-", 1)[0]]
    return tuple(prefix for prefix in dict.fromkeys((*named, *parts)) if prefix in known)

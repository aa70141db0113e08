"""Events → the authorizations that their calls needed, read once of alike events.

What is alike is found step by step, the cheapest first: the resources that the event names may be
all there is to it; else those of its parameters count that its action's resources are made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from inventory.cloudtrail.authorizations import (
    INSTANCE_PROFILE,
    SPECIAL_EVENTS,
    Authorization,
    EventCalls,
    EventReader,
    added_by_parameter,
    may_pass_role,
)
from inventory.cloudtrail.denials import Denial
from inventory.cloudtrail.events import CloudTrailEvent, EventResource
from inventory.cloudtrail.mapping import EventMapping, action_data, map_event, mapping_of
from inventory.cloudtrail.resources import (
    NO_PARAMETERS,
    Parameters,
    fold_key,
    folded,
    named_resources,
    parameters_read,
    read_parameters,
)

_REMEMBERED: Final = 32768
_by_text: Final[dict[tuple[object, ...], EventCalls]] = {}
_by_reading: Final[dict[tuple[object, ...], EventCalls]] = {}


def calls_of(event: CloudTrailEvent, account_id: str, denial: Denial | None) -> EventCalls:
    """Return the authorizations of an event that `account_id` recorded.

    A denied call counts for one authorization alone, the one AWS's message names, else its main
    one: what else would have been asked is not known.
    """
    event_type = event.event_type
    if event_type == "AwsApiCall" or event_type is None:
        mapping, plan = _planned(event.event_source or "", event.event_name or "")
    else:
        mapping, plan = mapping_of(event), None
    if mapping.no_action:
        return _silent(mapping.no_action)
    if denial is not None:
        if denial.action and denial.resource:
            return _denied(denial.action, denial.resource)
        plan = None
    resources = event.resources
    named = _named(resources) if resources else ()
    text = bytes(event.request_parameters)
    if plan is not None:
        for mark in plan.marks:
            if mark in text:
                break
        else:
            plain = _plain(plan.action, named)
            if plain is not None:
                return plain
    source, name, region = event.event_source, event.event_name, event.region
    more = bytes(event.additional_data) if source and source.startswith("bedrock") else b""
    key = (source, name, region, account_id, event.read_only, denial, text, named, more)
    found = _by_text.get(key)
    if found is None:
        parameters = read_parameters(event.request_parameters) if text else NO_PARAMETERS
        if plan is not None:
            found = _made_of(event, mapping, plan, account_id, named, parameters)
        else:
            reader = EventReader(event, mapping, account_id, denial, named, parameters)
            found = _shared(reader.calls())
        if len(_by_text) >= _REMEMBERED:
            _by_text.clear()
        _by_text[key] = found
    return found


@dataclass(frozen=True, eq=False, slots=True)
class _Plan:
    """How the events of one action are read.

    The resources that an event names may be all there is to it, unless its parameters hold one of
    `marks`. Else its resources are made of the values of `valued` parameters, and of how many
    texts the `counted` ones hold, unless a parameter of `adding` adds an action.
    """

    action: str
    marks: tuple[bytes, ...]
    adding: frozenset[str]
    may_pass_role: bool
    valued: tuple[str, ...]
    counted: tuple[str, ...]


def _made_of(
    event: CloudTrailEvent,
    mapping: EventMapping,
    plan: _Plan,
    account_id: str,
    named: tuple[str, ...],
    parameters: Parameters,
) -> EventCalls:
    """Return the authorizations of a call that was not denied, by what they are made of."""
    texts, arns = parameters.texts, parameters.arns
    reader = EventReader(event, mapping, account_id, None, named, parameters)
    if (
        not plan.adding.isdisjoint(parameters.given)
        or "versionid" in texts
        or (plan.may_pass_role and any(":role/" in arn for arn in arns))
        or INSTANCE_PROFILE in bytes(event.request_parameters)
    ):
        return _shared(reader.calls())
    key = (
        plan,
        reader.place,
        named,
        tuple(arns),
        tuple([tuple(texts.get(name, ())) for name in plan.valued]),
        tuple([len(texts.get(name, ())) for name in plan.counted]),
    )
    found = _by_reading.get(key)
    if found is None:
        if len(_by_reading) >= _REMEMBERED:
            _by_reading.clear()
        found = _by_reading[key] = _shared(reader.calls())
    return found


@lru_cache(maxsize=65536)
def _planned(event_source: str, event_name: str) -> tuple[EventMapping, _Plan | None]:
    """Return what an API call's source and name say. No plan: each event is read in full."""
    mapping = map_event(event_source, event_name)
    if mapping.no_action or not mapping.actions:
        return mapping, None
    return mapping, _plan(mapping.actions, event_name)


@lru_cache(maxsize=8192)
def _plan(actions: tuple[str, ...], event_name: str) -> _Plan | None:
    action = actions[0]
    if (
        len(actions) > 1
        or action.startswith(("bedrock:Invoke", "ec2:Run", "ec2:Create"))
        or event_name in SPECIAL_EVENTS
        or action == "iam:AddRoleToInstanceProfile"
    ):
        return None
    adding = frozenset(added_by_parameter(action))
    marks = [f'"{name}"'.encode() for name in adding]
    if action in action_data()["versioned_objects"]:
        marks.append(b'"versionId"')
    passes = may_pass_role(action)
    if passes:
        marks += [b":role/", INSTANCE_PROFILE]
    return _Plan(action, tuple(marks), adding, passes, *parameters_read(action))


@lru_cache(maxsize=64)
def _silent(reason: str) -> EventCalls:
    return EventCalls((), reason)


@lru_cache(maxsize=16384)
def _denied(action: str, resource: str) -> EventCalls:
    return _shared(EventCalls((Authorization(action, folded(action, resource)),)))


def _named(resources: list[EventResource]) -> tuple[str, ...]:
    """Return the ARNs that the event names, without the keys of objects."""
    found = [resource.arn or resource.arn_in_lower_case for resource in resources]
    return tuple([fold_key(arn) for arn in found if arn is not None and arn.startswith("arn:")])


@lru_cache(maxsize=65536)
def _plain(action: str, named: tuple[str, ...]) -> EventCalls | None:
    resources = named_resources(action, named)
    if not resources:
        return None
    return _shared(EventCalls(tuple(Authorization(action, resource) for resource in resources)))


@lru_cache(maxsize=65536)
def _shared(calls: EventCalls) -> EventCalls:
    """Return one object for equal calls."""
    return calls

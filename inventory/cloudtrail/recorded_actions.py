"""Which actions CloudTrail's events can tell of, and on which settings of a trail that depends.

An action without an event is not known to be unused because no event names it. Three reasons:

- no operation of AWS's APIs needs it alone (`unrecorded_actions.json`, written by `write`);
- its events are data events, which a trail logs by resource type only (`data_events.json`);
- the trail leaves management events out: reading ones, or some sources.

Source: CloudTrail user guide, "Logging data events" (read 2026-11-29).
"""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from inventory.cloudtrail.mapping import action_data, event_services, map_event
from policies.catalogue import load_catalogue

_DATA: Final = "data_events.json"
_UNRECORDED: Final = "unrecorded_actions.json"
_WRITING: Final = frozenset({"Write", "Tagging", "Permissions management"})


@lru_cache(maxsize=1)
def unrecorded_actions() -> int:
    """Return the actions that no event of CloudTrail names, as bits of the catalogue."""
    listed: dict[str, list[str]] = json.loads(_text(_UNRECORDED))
    catalogue = load_catalogue()
    return catalogue.union(f"{prefix}:{name}" for prefix, names in listed.items() for name in names)


@lru_cache(maxsize=1)
def data_actions() -> tuple[tuple[frozenset[str], int], ...]:
    """Return actions whose events are data events, with the resource types that log all of them."""
    catalogue = load_catalogue()
    return tuple(
        (frozenset(each["resource_types"]), catalogue.union(each["actions"]))
        for each in json.loads(_text(_DATA))
    )


def unlogged_data_actions(logged_types: Iterable[str]) -> int:
    """Return the actions whose data events a trail does not log that logs some types whole."""
    logged = frozenset(logged_types)
    found = 0
    for types, actions in data_actions():
        if not types <= logged:
            found |= actions
    return found


@lru_cache(maxsize=8)
def actions_by_writing(*, writes: bool) -> int:
    """Return the actions that write, or those that only read, by AWS's access levels."""
    catalogue = load_catalogue()
    found = bytearray(len(catalogue) // 8 + 1)
    for index in range(len(catalogue)):
        if (catalogue.access_level(index) in _WRITING) is writes:
            found[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(found, "little")


def actions_of_sources(event_sources: Iterable[str]) -> int:
    """Return all actions of the services that event sources such as `kms.amazonaws.com` name."""
    catalogue = load_catalogue()
    return catalogue.union(
        f"{prefix}:*" for source in event_sources for prefix in event_services(source)
    )


def actions_without_operation() -> dict[str, list[str]]:
    """Return the actions that no operation of AWS's APIs leads to, by service, from boto3's data.

    Takes some seconds: for `write` and the test that the file is as it writes it.
    """
    catalogue = load_catalogue()
    reached = {action.lower() for action in _reached()}
    found: dict[str, list[str]] = {}
    for prefix, span in catalogue.service_ranges.items():
        missing = [at for at in span if catalogue.lower_names[at] not in reached]
        if len(missing) == len(span):
            found[prefix] = ["*"]
        elif missing:
            found[prefix] = [catalogue.names[at].partition(":")[2] for at in missing]
    return found


def _reached() -> Iterator[str]:
    """Yield the actions that some event names, or that a parameter adds to one."""
    import botocore.session

    session = botocore.session.get_session()
    for name in session.get_available_services():
        model = session.get_service_model(name)
        sources = {model.endpoint_prefix, name, str(model.metadata.get("signingName") or name)}
        for operation in model.operation_names:
            for source in sources:
                yield from map_event(f"{source.replace('.', '-')}.amazonaws.com", operation).actions
    data = action_data()
    for by_name in (*data["actions"].values(), *data["by_parameter"].values()):
        for actions in by_name.values():
            yield from actions
    yield from data["versioned_objects"].values()
    for prefix, verbs in data["verbs"].items():
        yield from (f"{prefix}:{verb}" for verb in verbs.values())
    yield "iam:PassRole"


def write() -> None:
    """Write `unrecorded_actions.json` again, after the catalogue or boto3 changed."""
    found = actions_without_operation()
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found))
    Path(__file__).with_name(_UNRECORDED).write_text(f"{{\n{lines}\n}}\n", "utf-8")


def _text(name: str) -> str:
    return resources.files("inventory.cloudtrail").joinpath(name).read_text("utf-8")

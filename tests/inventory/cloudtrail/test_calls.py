"""Events → the actions and resources that IAM was asked about: the cases, and the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

import botocore.loaders
import pytest

from inventory.cloudtrail.authorizations import Authorization
from inventory.cloudtrail.callers import UNKNOWN_ACCOUNT
from inventory.cloudtrail.calls import calls_of
from inventory.cloudtrail.denials import denial_of
from inventory.cloudtrail.mapping import action_data, map_event
from inventory.cloudtrail.shapes import tolerant_event
from policies.catalogue import load_catalogue
from policies.language.json_reader import JsonValue
from tests.policies.shared_data import DIRECTORY


class ActionCase(TypedDict, total=False):
    what: str
    event: dict[str, JsonValue]
    authorizations: list[list[str]]
    no_action: str


CASES = cast(
    list[ActionCase], json.loads(Path(__file__).with_name("action_cases.json").read_text("utf-8"))
)


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_an_event_needs_these_authorizations(case):
    event = tolerant_event(case["event"])
    found = calls_of(event, event.recipient_account_id or UNKNOWN_ACCOUNT, denial_of(event))
    expected = tuple(Authorization(*one) for one in case.get("authorizations", []))
    assert found.authorizations == expected
    assert found.no_action == case.get("no_action", "")


def test_a_second_time_the_same_is_found():
    for case in CASES:
        event = tolerant_event(case["event"])
        first, second = (calls_of(event, "111122223333", denial_of(event)) for _ in range(2))
        assert first == second


LOGS = {"eventSource": "logs.amazonaws.com", "eventName": "CreateLogStream"}
LAMBDA = {
    "eventSource": "lambda.amazonaws.com",
    "eventName": "UpdateFunctionConfiguration20150331v2",
}
ROLE = "arn:aws:iam::111122223333:role/{}"


@pytest.mark.parametrize(
    ("event", "first", "second", "alike"),
    [
        (LOGS, {"logGroupName": "a", "logStreamName": "1"}, {"logStreamName": "2"}, True),
        (LOGS, {"logGroupName": "a", "logStreamName": "1"}, {"logGroupName": "b"}, False),
        (LOGS, {"logGroupName": "a"}, {"other": "text"}, True),
        (LAMBDA, {"functionName": "f"}, {"memorySize": 512}, True),
        (
            LAMBDA,
            {"functionName": "f", "role": ROLE.format("a")},
            {"role": ROLE.format("b")},
            False,
        ),
        (LAMBDA, {"functionName": "f"}, {"role": ROLE.format("a")}, False),
    ],
    ids=["streams", "groups", "what nothing reads", "settings", "roles passed", "a role passed"],
)
def test_calls_are_alike_by_what_their_resources_are_made_of(event, first, second, alike):
    of_one, of_other = (
        calls_of(
            tolerant_event({**event, "awsRegion": "eu-west-1", "requestParameters": parameters}),
            "111122223333",
            None,
        )
        for parameters in (first, {**first, **second})
    )
    assert (of_one == of_other) is alike


def test_the_data_names_actions_as_the_catalogue_spells_them():
    names = set(load_catalogue().names)
    data = action_data()
    used = [
        action for listed in data["actions"].values() for one in listed.values() for action in one
    ]
    used += [*data["versioned_objects"], *data["versioned_objects"].values()]
    for action, added in data["by_parameter"].items():
        if not action.endswith("*"):
            used.append(action)
        used += [one for actions in added.values() for one in actions]
    assert [action for action in used if action not in names] == []
    services = load_catalogue().service_ranges
    assert [p for found in data["prefixes"].values() for p in found if p not in services] == []


def operations() -> Iterator[tuple[str, str]]:
    """Yield what CloudTrail records for operations of every fifth service: source and name."""
    loader = botocore.loaders.Loader()
    for service in loader.list_available_services("service-2")[::5]:
        model = loader.load_service_model(service, "service-2")
        for operation in model["operations"].values():
            yield f"{model['metadata']['endpointPrefix']}.amazonaws.com", operation["name"]


def test_nearly_all_operations_of_boto3_are_mapped():
    """What is left are calls that the catalogue does not know: new ones, mostly."""
    found = list(operations())
    unmapped = [one for one in found if map_event(*one) == map_event("", "")]
    assert len(found) > 2_000
    assert len(unmapped) / len(found) < 0.06


def test_our_mapping_agrees_with_a_map_of_others():
    """A method that both map has an action in common; the map is of 2022, so not all need be."""
    path = DIRECTORY / "iam-action-map" / "map.json"
    if not path.is_file():
        pytest.skip(f"no map of actions: {path} is absent")
    theirs = json.loads(path.read_text("utf-8"))["sdk_method_iam_mappings"]
    names = set(load_catalogue().names)
    different: list[str] = []
    compared = 0
    for method, rows in theirs.items():
        service, _, name = method.partition(".")
        if service == "S3Control":
            continue  # theirs are the actions of S3 on Outposts alone
        actions = {row["action"] for row in rows} & names
        ours = map_event(f"{SOURCES.get(service, service.lower())}.amazonaws.com", name).actions
        if actions and ours:
            compared += 1
            if not actions.intersection(ours):
                different.append(f"{method}: {sorted(actions)}, not {ours}")
    assert compared > 6_000
    assert different == []


SOURCES = {"CloudWatch": "monitoring", "SSOAdmin": "sso"}

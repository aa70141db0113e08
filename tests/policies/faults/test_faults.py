"""What was once answered wrongly stays mended: every input in `<command>.json` beside this file.

A row has `name`, `source` (the page of AWS's that says what is right), `input` (what the command
reads) and `expected`.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TypedDict, cast

import pytest

from policies.cli.dispatch import main
from policies.cli.streams import Streams
from tests.policies.reference.from_question import reference_answer


class Fault(TypedDict):
    name: str
    source: str
    input: dict[str, object]
    expected: object


def faults(command: str) -> list[object]:
    text = Path(__file__).with_name(f"{command}.json").read_text("utf-8")
    return [pytest.param(row, id=row["name"]) for row in cast(list[Fault], json.loads(text))]


def answer(command: str, given: dict[str, object]) -> dict[str, object]:
    output, errors = io.StringIO(), io.StringIO()
    streams = Streams(io.BytesIO(json.dumps(given).encode()), output, errors)
    assert (main([command], streams), errors.getvalue()) == (0, "")
    return cast(dict[str, object], json.loads(output.getvalue()))


class TestEvaluate:
    @pytest.mark.parametrize("fault", faults("evaluate"))
    def test_decides_as_aws_does(self, fault: Fault):
        assert answer("evaluate", fault["input"])["decision"] == fault["expected"]

    @pytest.mark.parametrize("fault", faults("evaluate"))
    def test_the_reference_agrees(self, fault: Fault):
        assert reference_answer(fault["input"]) == fault["expected"]


class TestLint:
    @pytest.mark.parametrize("fault", faults("lint"))
    def test_finds_what_is_wrong_and_nothing_else(self, fault: Fault):
        found = cast(list[dict[str, object]], answer("lint", fault["input"])["findings"])
        assert [f"{one['code']}@{one['statement']}" for one in found] == fault["expected"]


_LEVELS = {
    "SERVICE_CONTROL_POLICY": "service_control_policies",
    "RESOURCE_CONTROL_POLICY": "resource_control_policies",
}


class TestCompare:
    @pytest.mark.parametrize("fault", faults("compare"))
    def test_decides_what_an_added_deny_newly_denies(self, fault: Fault):
        action, when = cast(list[str], fault["expected"])
        targets = cast(dict[str, object], answer("compare", fault["input"])["targets"])
        account = cast(dict[str, list[dict[str, object]]], targets["111122223333"])
        denied = [
            one for one in account["newly_denied"] if action in cast(list[str], one["actions"])
        ]
        assert [one["when"] for one in denied] == [when]
        # The request that shows it is one that the evaluator takes, and denies.
        levels = cast(list[dict[str, object]], fault["input"]["after"])
        question = {
            "request": denied[0]["witness"],
            "organization": {"id": "o-abc123", "management_account_id": "999999999999"},
            _LEVELS[str(fault["input"]["policy_type"])]: [
                {"target_id": level["target_id"], "policies": level["policies"]} for level in levels
            ],
        }
        assert answer("evaluate", question)["decision"] == "explicitDeny"
        assert (account["newly_allowed"], account["undecided"]) == ([], [])

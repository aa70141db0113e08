"""`python -m policies replay`, as another program reaches it, over cases that are data."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from policies.cli import replay_file
from policies.cli.dispatch import main
from policies.cli.streams import Streams

CASES = json.loads(Path(__file__).with_name("cases").joinpath("replay.json").read_text())
PARENTS = {
    "r-1": None, "ou-1": "r-1", "ou-2": "r-1",
    "000000000001": "r-1", "111111111111": "ou-1", "222222222222": "ou-2",
}  # fmt: skip
ORGANIZATION = {"id": "o-example", "management_account_id": "000000000001"}
COUNTS = {
    "count": 3, "denied": 0,
    "first_at": "2026-05-01T00:00:00Z", "last_at": "2026-05-02T00:00:00Z",
}  # fmt: skip


def targets(attached, *, of_resources=False, without_full=()):
    principal = {"Principal": "*"} if of_resources else {}
    full = {"Effect": "Allow", "Action": "*", "Resource": "*", **principal}
    return [
        {
            "target_id": target,
            "parent_id": parent,
            "policies": [
                {"Version": "2012-10-17", "Statement": listed}
                for listed in ([] if target in without_full else [full], attached.get(target, []))
                if listed
            ],
        }
        for target, parent in PARENTS.items()
    ]


def run(given, *arguments):
    text = given if isinstance(given, bytes) else json.dumps(given).encode()
    output, errors = io.StringIO(), io.StringIO()
    status = main(["replay", *arguments], Streams(io.BytesIO(text), output, errors))
    answer = output.getvalue()
    return status, json.loads(answer) if answer else None, errors.getvalue()


def trees(case):
    given = {
        "before": targets(case["before"]),
        "after": targets(case["after"], without_full=case["without_full_access"]),
        "organization": ORGANIZATION,
    }
    for name in ("resource_control_before", "resource_control_after"):
        if name in case:
            given[name] = targets(case[name], of_resources=True)
    return given


def record(**changes):
    return {**CASES[0]["usage"][0]["record"], **COUNTS, **changes}


EDIT = {name: CASES[0][name] for name in ("before", "after", "without_full_access")}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_record_has_the_effect_of_its_case(case):
    usage = [{**one["record"], **COUNTS} for one in case["usage"]]
    for one, given in zip(case["usage"], usage, strict=True):
        status, answer, _ = run({**trees(case), "usage": [given]})
        assert status == 0
        expected = {"revoked": [], "gained": [], "maybe": [], "unchanged": 0}
        if one["effect"] == "unchanged":
            expected["unchanged"] = 1
        else:
            keys = {"keys": one["keys"]} if "keys" in one else {}
            expected[one["effect"]] = [{**given, **keys}]
        assert {name: answer[name] for name in expected} == expected, one
    whole = run({**trees(case), "usage": usage})[1]
    listed = sum(len(whole[name]) for name in ("revoked", "gained", "maybe"))
    assert listed + whole["unchanged"] == len(usage)


def test_an_unknown_key_with_a_variable_stands_for_every_tag_that_is_not_known():
    condition = {"StringNotEquals": {"aws:PrincipalTag/team": "platform"}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    given = {"before": targets({}), "after": targets({"ou-1": [deny]})}
    unknown = ["aws:PrincipalTag/${TagKey}"]
    for context, effect in (
        ({}, "maybe"),
        ({"aws:PrincipalTag/team": "pay"}, "revoked"),
        ({"aws:PrincipalTag/team": "platform"}, "unchanged"),
    ):
        usage = [record(context=context, unknown_context=unknown)]
        answer = run({**given, "usage": usage})[1]
        assert answer[effect] == 1 if effect == "unchanged" else len(answer[effect]) == 1
    usage = [record(context={}, unknown_context=unknown)]
    assert run({**given, "usage": usage})[1]["maybe"][0]["keys"] == ["aws:PrincipalTag/team"]


class TestReplayInput:
    def test_the_members_may_stand_in_any_order(self):
        given = {**trees(EDIT), "usage": [record()]}
        expected = run(given)[1]
        assert expected["revoked"] == [record()]
        first = {"usage": given["usage"], **given}
        turned = dict(reversed(first.items()))
        for order in (first, turned):
            answer = run(json.dumps(order, indent=2).encode())[1]
            assert {**answer, "seconds": 0} == {**expected, "seconds": 0}

    def test_a_member_after_the_usage_counts_as_much_as_one_before_it(self):
        given = {**trees(EDIT), "usage": [record()]}
        del given["organization"]
        assert run(given)[1]["revoked"] == [record()]
        given["organization"] = {"id": "o-1", "management_account_id": "111111111111"}
        assert run(given)[1]["unchanged"] == 1

    def test_usage_is_read_from_a_file_line_by_line(self, tmp_path):
        path = tmp_path / "usage.jsonl"
        path.write_text(json.dumps(record()) + "\n\n" + json.dumps(record(action="iam:GetRole")))
        _, answer, _ = run(trees(EDIT), "--usage", str(path))
        assert (answer["revoked"], answer["unchanged"]) == ([record()], 1)

    def test_a_large_file_gives_the_same_however_many_processes_read_it(
        self, tmp_path, monkeypatch
    ):
        given = trees(EDIT)
        lines = [
            json.dumps(record(count=number + 1, account_id=account, action=action))
            for number, account in enumerate(["111111111111", "222222222222", "999999999999"] * 4)
            for action in (record()["action"], "iam:GetRole")
        ]
        path = tmp_path / "usage.jsonl"
        path.write_text("\n".join([*lines, "", ""]), encoding="utf-8")
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(3))
        _, alone, _ = run(given, "--usage", str(path))
        monkeypatch.setattr(replay_file, "_WORTH_A_PROCESS", 100)
        _, apart, _ = run(given, "--usage", str(path))
        alone.pop("seconds")
        apart.pop("seconds")
        assert apart == alone
        assert 0 < len(alone["revoked"]) < len(lines)
        assert alone["unlisted_accounts"] == ["999999999999"]

        path.write_text("\n".join([*lines, "{}"]), encoding="utf-8")
        status, _, error = run(given, "--usage", str(path))
        assert status == 2
        assert f"line {len(lines) + 1}: " in error

    def test_accounts_that_no_tree_has_are_listed(self):
        usage = [record(account_id="999999999999", principal="arn:aws:iam::999999999999:root")]
        answer = run({**trees(EDIT), "usage": usage})[1]
        assert (answer["unchanged"], answer["unlisted_accounts"]) == (1, ["999999999999"])

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (b"[]", "the input must be an object"),
            (b"{", "this is not JSON"),
            (b'{"before": []', "this is not JSON"),
            (b'{"before": [] "after": []}', "this is not JSON"),
            (b'{"before": [], "after": [], "usage": []} x', "more follows"),
            (b"\xff", "byte 1 is not UTF-8"),
            (b'{"usage": [], "usage": []}', "appears twice"),
            (b'{"before": [], "after": []}', 'lacks "usage"'),
            (b'{"usage": []}', 'lacks "before"'),
            (b'{"before": [], "after": [], "usage": {}}', '"usage" must be a list'),
            (b'{"before": [], "after": [], "usage": [1]}', "usage[0]: a record must be an object"),
            (b'{"before": [], "after": [], "usage": [{}]}', 'usage[0]: a record lacks "action"'),
            (b'{"before": [], "after": [], "usage": [', "this is not JSON"),
            (b'{"before": [], "after": [], "usage": [,]}', "this is not JSON"),
            (b'{"before": [], "after": [], "usages": []}', 'no "usages"'),
            (b'{"before": 1, "after": [], "usage": []}', '"before" must be a list'),
        ],
    )
    def test_says_in_one_line_what_is_wrong(self, given, message):
        status, answer, errors = run(given)
        assert (status, answer) == (2, None)
        assert message in errors
        assert errors.count("\n") == 1

    def test_names_the_record_with_a_principal_that_is_none(self):
        status, _, errors = run({**trees(EDIT), "usage": [record(), record(principal="nobody")]})
        assert status == 2
        assert "usage[1]: 'nobody' is not a principal" in errors

    def test_names_the_line_of_the_file_that_is_wrong(self, tmp_path):
        path = tmp_path / "usage.jsonl"
        path.write_text(json.dumps(record()) + "\n{}\n")
        status, _, errors = run(trees(EDIT), "--usage", str(path))
        assert status == 2
        assert f'{path}, line 2: a record lacks "action"' in errors

    def test_refuses_usage_given_twice_and_a_file_that_is_not_there(self, tmp_path):
        path = tmp_path / "none.jsonl"
        assert "given twice" in run({**trees(EDIT), "usage": []}, "--usage", str(path))[2]
        assert "cannot be read" in run(trees(EDIT), "--usage", str(path))[2]

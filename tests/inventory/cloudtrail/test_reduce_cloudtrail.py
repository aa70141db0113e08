"""`manage.py reduce_cloudtrail` prints one JSON object and writes a record a line."""

from __future__ import annotations

import json
import os

import pytest
from django.core.management import CommandError, call_command

from tests.inventory.cloudtrail.samples import event, write_file


def test_the_object_and_the_records_have_these_members(tmp_path, capsys):
    path = write_file(
        tmp_path / "a.json.gz",
        [event(1), event(1), event(2, eventName="New"), event(3, eventType="AwsServiceEvent")],
    )
    written = tmp_path / "usage.jsonl"
    call_command("reduce_cloudtrail", str(path), str(tmp_path / "none"), usage=str(written))
    output = capsys.readouterr()
    found = json.loads(output.out)
    assert found.pop("seconds") >= 0
    assert found == {
        "events": 4,
        "duplicates": 1,
        "unreadable": [{"path": str(tmp_path / "none"), "why": "there is no such file"}],
        "unmapped": {"ec2.amazonaws.com:New": 1},
        "usage_records": 1,
        "denied": 0,
    }
    assert output.err == "Events that authorised nothing: 1 event of a service.\n"
    [line] = written.read_text().splitlines()
    assert list(json.loads(line)) == [
        "account_id", "principal", "action", "resource", "region", "context", "unknown_context",
        "count", "denied", "first_at", "last_at",
    ]  # fmt: skip


def test_a_pipe_in_a_directory_is_not_waited_for_and_a_link_to_one_is_named(tmp_path, capsys):
    write_file(tmp_path / "logs" / "a.json", [event(1)])
    (tmp_path / "elsewhere").mkdir()
    os.mkfifo(tmp_path / "logs" / "pipe.json")
    (tmp_path / "logs" / "linked").symlink_to(tmp_path / "elsewhere")
    call_command("reduce_cloudtrail", str(tmp_path / "logs"))
    found = json.loads(capsys.readouterr().out)
    assert found["events"] == 1
    assert {one["path"].rpartition("/")[2]: one["why"] for one in found["unreadable"]} == {
        "pipe.json": "neither a file nor a directory",
        "linked": "a link to a directory, which is not followed",
    }


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    path = write_file(tmp_path / "a.json", [event(1)])
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("reduce_cloudtrail", str(path), usage=str(tmp_path / "no" / "usage.jsonl"))

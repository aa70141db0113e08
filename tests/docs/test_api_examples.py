"""The worked examples of docs/api.md, run against a live server as they stand there."""

import json
import os
import re
import shlex
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from governance.access import rights
from governance.api.parts.problems import KINDS
from inventory.runs import dispatch
from tests.factories.people import owner_of_every_scope, token_of
from tests.factories.rich_snapshots import rich_snapshot

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/api.md"
LEFT_OUT = "…"
_STEP = re.compile(r"```sh\n(curl .*?)```\s+```http\n(.*?)```(?:\s+```json\n(.*?)```)?", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One request of an example, the status and headers it is answered with, and the body."""

    command: str
    head: list[str]
    body: str


@dataclass(frozen=True)
class Example:
    title: str
    steps: list[Step]


def examples() -> list[Example]:
    """Read the document: a heading with a number begins an example."""
    parts = re.split(r"^### (\d+\. .+)$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [
        Example(
            title,
            [
                Step(command, head.strip().splitlines(), body)
                for command, head, body in _STEP.findall(text.partition("\n## ")[0])
            ],
        )
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    ]


class _Asked:
    """What a curl command asks for; a line of its own a flag, as curl knows them."""

    def __init__(self, command: str, variables: dict[str, str]) -> None:
        words = shlex.split(re.sub(r"\\\n", " ", command))
        self.method, self.url, self.body = "", "", None
        self.headers: dict[str, str] = {}
        words = [_filled(word, variables) for word in words[1:]]
        while words:
            word = words.pop(0)
            if word in {"-H", "--header"}:
                name, _, value = words.pop(0).partition(": ")
                self.headers[name] = value
            elif word in {"-X", "--request"}:
                self.method = words.pop(0)
            elif word in {"-d", "--data"}:
                self.body = words.pop(0).encode()
            elif word in {"-s", "-i", "-G"}:
                continue
            else:
                assert word.startswith("http"), word
                self.url = word
        self.method = self.method or ("GET" if self.body is None else "POST")


def _filled(word: str, variables: dict[str, str]) -> str:
    return re.sub(r"\$([A-Z_]+)", lambda found: variables[found[1]], word)


def _answer(asked: _Asked) -> tuple[int, Message, Any]:
    assert asked.url.startswith("http://localhost") or asked.url.startswith("http://127.0.0.1")
    request = urllib.request.Request(  # noqa: S310  this machine's own server
        asked.url, data=asked.body, method=asked.method, headers=asked.headers
    )
    try:
        response = urllib.request.urlopen(request, timeout=60)  # noqa: S310
    except urllib.error.HTTPError as error:
        response = error
    with response:
        content = response.read()
        return response.status, response.headers, json.loads(content) if content else None


def differences(documented: Any, found: Any, where: str = "$") -> list[str]:
    """Return where an answer has another shape than the document says: members and their types.

    A member `"…"`, or a last element `"…"`, says that more is left out. Null stands for whatever
    may be null.
    """
    if documented is None or found is None:
        return []
    if isinstance(documented, dict):
        if not isinstance(found, dict):
            return [f"{where} is not an object"]
        told = {name: value for name, value in documented.items() if name != LEFT_OUT}
        wrong = [f"{where} lacks {name}" for name in told if name not in found]
        if LEFT_OUT not in documented:
            wrong += [f"{where} has {name} too" for name in found if name not in told]
        for name, value in told.items():
            if name in found:
                wrong += differences(value, found[name], f"{where}.{name}")
        return wrong
    if isinstance(documented, list):
        if not isinstance(found, list):
            return [f"{where} is not a list"]
        shown = [value for value in documented if value != LEFT_OUT]
        if documented == [LEFT_OUT]:
            return []
        if bool(shown) != bool(found):
            return [f"{where} has {len(found)} elements, the document {len(shown)}"]
        return [one for value in found for one in differences(shown[0], value, f"{where}[]")]
    kinds = (int, float) if isinstance(documented, int | float) else type(documented)
    same = isinstance(found, kinds) and isinstance(found, bool) == isinstance(documented, bool)
    return [] if same else [f"{where} is {found!r}, the document says {documented!r}"]


@pytest.fixture
def variables(live_server, transactional_db, monkeypatch):
    """What the commands have in variables."""
    cache.clear()
    monkeypatch.setattr(dispatch, "send_start", lambda run_id: None)
    rich_snapshot("acme")
    _, token = token_of(owner_of_every_scope(), *rights.TOKEN_SCOPES)
    yield {"ORGWARDEN": live_server.url, "TOKEN": token}
    cache.clear()


class TestExamples:
    def test_are_ten_at_least_and_each_is_told_by_a_request_and_an_answer(self):
        found = examples()
        assert len(found) >= 10
        assert [one.title.partition(".")[0] for one in found] == [
            str(number) for number in range(1, len(found) + 1)
        ]
        text = DOCUMENT.read_text(encoding="utf-8")
        assert sum(len(one.steps) for one in found) == len(
            re.findall(r"^curl ", text, re.MULTILINE)
        )

    def test_are_answered_as_the_document_says(self, variables):
        wrong = []
        for example in examples():
            for step in example.steps:
                status, headers, told = _answer(_Asked(step.command, variables))
                if os.environ.get("ORGWARDEN_PRINT_ANSWERS"):
                    print(example.title, step.command, status, headers, json.dumps(told, indent=2))  # noqa: T201
                said = step.head[0].split()
                if said[0] != "HTTP/1.1" or int(said[1]) != status:
                    wrong.append(f"{example.title}: {status}, not {said[1]}: {told}")
                for line in step.head[1:]:
                    name = line.partition(":")[0]
                    if name not in headers:
                        wrong.append(f"{example.title}: no header {name}")
                if step.body:
                    documented = json.loads(step.body)
                    wrong += [f"{example.title}: {one}" for one in differences(documented, told)]
                _keep(variables, headers, told)
        assert wrong == []


def _keep(variables: dict[str, str], headers: Message, told: Any) -> None:
    """Keep of an answer what the next request of the example sends back."""
    if headers.get("ETag"):
        variables["ETAG"] = headers["ETag"]
    if headers.get("Location"):
        variables["LOCATION"] = headers["Location"]
    if isinstance(told, dict) and told.get("next"):
        variables["NEXT"] = told["next"]


class TestKinds:
    def test_of_problems_are_all_in_the_table(self):
        rows = re.findall(r"^\| (\d+) \| `([a-z-]+)` \|", DOCUMENT.read_text(), re.MULTILINE)

        assert set(rows) == {(str(kind.status), kind.name) for kind in KINDS}


class TestDifferences:
    def test_are_found_in_members_types_and_elements(self):
        assert (
            differences({"a": 1, "b": [{"c": "x"}]}, {"a": 2, "b": [{"c": "y"}, {"c": "z"}]}) == []
        )
        assert differences({"a": 1}, {"a": "1"}) == ["$.a is '1', the document says 1"]
        assert differences({"a": 1}, {"a": True}) == ["$.a is True, the document says 1"]
        assert differences({"a": 1}, {"b": 1}) == ["$ lacks a", "$ has b too"]
        assert differences({"…": "…"}, {"b": 1}) == []
        assert differences([{"a": 1}], []) == ["$ has 0 elements, the document 1"]

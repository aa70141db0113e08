"""Text written against its readers passes every file and search unharmed; pages: every_page.py."""

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import resolve, reverse

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from governance.web.parts.exports import ExportingPage, csv_lines
from tests.factories.hostile import (
    HTML,
    LONG,
    RUNS,
    TEXTS,
    hostile_organization,
    hostile_records,
)
from tests.factories.people import person

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
DATA = "application/json"
# Files, and what starts the page of the API's document.
OURS = ("/static/", "/api/v1/docs/?script=")


class Harm(HTMLParser):
    """Collects what a browser would run, or load from elsewhere, in a page's HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.data_block = False
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge an element as a browser makes it of the tag."""
        given = dict(attrs)
        if tag == "script":
            self.data_block, self.data = given.get("type") == DATA, ""
            if not self.data_block and not (given.get("src") or "").startswith(OURS):
                self.found.append(f"a script without a file of ours: {given}")
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"<{tag} {name}={value!r:.80}>")
            if name in {"href", "src", "action", "formaction", "xlink:href"}:
                scheme = "".join((value or "").split()).lower()
                if scheme.startswith(("javascript:", "data:text", "vbscript:")):
                    self.found.append(f"<{tag} {name}={value!r:.80}>")
        if tag == "img" and given.get("src") == "x":
            self.found.append("an image of a name")

    def handle_data(self, data: str) -> None:
        """Keep the text of a block of JSON."""
        if self.data_block:
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        """Read a block of JSON once it is whole."""
        if tag == "script" and self.data_block:
            json.loads(self.data)
            self.data_block = False


def harm(page: str) -> list[str]:
    """Return what a page would run or load that it should not."""
    parser = Harm()
    parser.feed(page)
    parser.close()
    return parser.found


@pytest.fixture
def visitor(db):
    person("administrator", username="administrator")
    user = person("administrator", username="staff", is_staff=True)
    user.groups.add(*Group.objects.all())
    hostile_organization("acme", owner=user)
    return user


def _paths():
    parameters = stored_things().parameters()
    hostile_records()
    for address in addresses(parameters):
        if not address.lacking:
            yield address.path


class TestHostileText:
    def test_gives_hostile_text_unchanged_to_programs(self, client: Client, visitor):
        client.force_login(visitor)
        told = client.get("/api/v1/organizations/acme/policies").json()["results"]
        assert any(row["name"].startswith(HTML) for row in told)
        assert all(row["tags"]["long"] == LONG for row in told)
        assert {text for text in TEXTS if text in told[0]["tags"]} == set(TEXTS)

    def test_runs_no_template_that_is_in_a_name(self, client: Client, visitor):
        client.force_login(visitor)
        page = client.get(reverse("tokens")).content.decode()
        assert "{{ 7|add:7 }}{% now &#x27;Y&#x27; %}${7*7}" in page

    def test_is_found_by_hostile_text(self, client: Client, visitor):
        client.force_login(visitor)
        for name in ("accounts", "policies", "principals", "palette", "who-can"):
            for text in (*TEXTS, LONG[:2000]):
                address = reverse(name, kwargs={"slug": "acme"})
                answer = client.get(address, {"q": text, "action": text})
                assert answer.status_code < 500, (name, text)
                if answer.headers["Content-Type"].startswith("text/html"):
                    assert harm(answer.content.decode()) == [], (name, text)

    @pytest.mark.parametrize("name", ["accounts", "policies", "principals"])
    def test_refuses_the_character_nul(self, client: Client, visitor, name):
        client.force_login(visitor)
        assert client.get(f"/o/acme/{name}/?q=a%00b").status_code == 400
        assert client.get(f"/api/v1/organizations/acme/{name}?q=a%00b").status_code == 400


def _files(client: Client, kind: str):
    """Yield the path and the file of every page that offers one of this kind."""
    for path in _paths():
        view = getattr(resolve(path.partition("?")[0]).func, "view_class", None)
        if view is None or not issubclass(view, ExportingPage) or kind not in view.formats:
            continue
        answer = client.get(f"{path}{'&' if '?' in path else '?'}format={kind}", follow=True)
        # Some pages show only a part of what their file would be of, and say so.
        assert answer.status_code in (200, 400), path
        if answer.status_code == 400:
            continue
        yield path, b"".join(answer) if answer.streaming else answer.content


class TestFiles:
    def test_have_no_cell_that_a_spreadsheet_computes(self, client: Client, visitor):
        client.force_login(visitor)
        files, filled = 0, 0
        for path, file in _files(client, "csv"):
            head, *rows = csv.reader(io.StringIO(file.decode(), newline=""))
            files, filled = files + 1, filled + bool(rows)
            for row in rows:
                assert len(row) == len(head), path
                for cell in row:
                    number = cell.lstrip("-").replace(".", "", 1).isdigit()
                    assert number or not cell.lstrip(" ").startswith(FORMULAS), (path, cell)
        assert files >= filled > 28

    def test_are_valid_json(self, client: Client, visitor):
        client.force_login(visitor)
        files = [json.loads(file) for _, file in _files(client, "json")]
        assert len(files) > 35

    @pytest.mark.parametrize("separator", [";", "\t", "|"])
    def test_have_no_cell_that_parts_elsewhere(self, separator):
        lines = "".join(csv_lines(["a", "b"], [[f"a{separator}=1+1", "b"], ["c", "d"]]))
        assert lines == f'a,b\r\n"a{separator}=1+1","b"\r\nc,d\r\n'
        (_, second, _) = csv.reader(io.StringIO(lines, newline=""), delimiter=separator)
        assert not any(cell.startswith(FORMULAS) for cell in second)


class TestCaches:
    def test_keep_no_page_and_no_file(self, client: Client, visitor):
        client.force_login(visitor)
        for path in ("/o/acme/accounts/", "/o/acme/accounts/?format=csv", "/tokens/", "/nowhere"):
            assert client.get(path).headers["Cache-Control"] == "no-store", path


class TestHarm:
    def test_is_found_where_an_escape_is_missing(self):
        for text in TEXTS[:3]:
            assert harm(f"<p>{text}</p>"), text
        assert harm(f'<a href="javascript:{RUNS}">x</a>')
        assert harm("<p>&lt;script&gt;</p>") == []

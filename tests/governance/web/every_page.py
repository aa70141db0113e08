"""Every page and endpoint of an organization with hostile texts, read once by the test client."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from django.contrib.auth.models import Group
from django.db.models import F, Value
from django.db.models.functions import Concat, Left
from django.test import Client
from django.urls import resolve

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from inventory.models import Account, OrganizationalUnit, Policy
from tests.factories.hostile import hostile_organization, hostile_records
from tests.factories.people import person

# What an address must be asked with to show its rows.
_ASKED = {"who-can": "?action=s3:GetObject", "who-can-how": "?action=s3:GetObject"}
_CRUMBS = re.compile(r'<nav class="crumbs".*?</nav>', re.DOTALL)
_CRUMB = re.compile(r'<li>(?:<a href="(?P<href>[^"]*)">|<span[^>]*>)(?P<label>.*?)</(?:a|span)>')


@dataclass(frozen=True)
class SeenPage:
    """What an address answers. `view`: the class of its view, None of a function's."""

    path: str
    status: int
    kind: str
    body: str
    name: str
    view: type[Any] | None

    @property
    def is_html(self) -> bool:
        """Whether it is a page, or a part of one."""
        return self.kind.startswith("text/html") and self.status == 200

    @property
    def in_frame(self) -> bool:
        """Whether it is a page with the navigation."""
        return self.is_html and '<main id="content"' in self.body

    @cached_property
    def main(self) -> str:
        """The HTML below the navigation, all of it if it is a part of a page."""
        _, found, rest = self.body.partition('<main id="content"')
        return rest.partition("</main>")[0] if found else self.body

    @cached_property
    def crumbs(self) -> list[tuple[str, str]]:
        """The breadcrumbs, label and path."""
        found = _CRUMBS.search(self.body)
        return [
            (plain(one["label"]), html.unescape(one["href"] or "").partition("?")[0])
            for one in _CRUMB.finditer(found[0] if found else "")
        ]

    @property
    def labels(self) -> list[str]:
        """The labels of the breadcrumbs."""
        return [label for label, _ in self.crumbs]

    @cached_property
    def heading(self) -> str:
        """The words of the heading."""
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.main, re.DOTALL)
        return plain(found[1]) if found else ""

    @cached_property
    def links(self) -> str:
        """Every address that the page leads to, in one text."""
        return " ".join(
            unquote(html.unescape(one)) for one in re.findall(r'href="(.*?)"', self.main)
        )


def plain(markup: str) -> str:
    """Return the words of some HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def seen_pages() -> Iterator[SeenPage]:
    """Store the organization, and yield what each address answers to who may see all of it.

    Every name of an account, OU and policy ends in its id.
    """
    person("administrator", username="administrator")
    visitor = person("administrator", username="staff", is_staff=True)
    visitor.groups.add(*Group.objects.all())
    hostile_organization("acme", owner=visitor)
    for model, field in (
        (Account, "account_id"),
        (OrganizationalUnit, "target_id"),
        (Policy, "policy_id"),
    ):
        model.objects.update(name=Concat(Left("name", 40), Value(" "), F(field)))
    parameters = stored_things().parameters()
    hostile_records()
    client = Client()
    client.force_login(visitor)
    for address in addresses(parameters):
        if address.lacking:
            continue
        plain_path, has_question, _ = address.path.partition("?")
        match = resolve(plain_path)
        path = address.path if has_question else plain_path + _ASKED.get(match.url_name or "", "")
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        kind = answer.headers.get("Content-Type", "")
        yield SeenPage(
            path=path,
            status=answer.status_code,
            kind=kind,
            body=body.decode() if "html" in kind or "json" in kind else "",
            name=match.url_name or "",
            view=getattr(match.func, "view_class", None),
        )

"""What holds of every page: hostile text is text, crumbs, lists and links are as on the others."""

import json
import re

import pytest
from django.db import transaction

from governance.web.parts.lists import RowListPage
from governance.web.parts.pages import ConnectionPage
from governance.web.snapshots.listing import ComparisonPage
from tests.governance.web.every_page import SeenPage, plain, seen_pages
from tests.governance.web.test_hostile_text import harm
from tests.governance.web.test_list_sorts import lists

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def seen(django_db_setup, django_db_blocker) -> list[SeenPage]:
    """Visit every address once for all tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = list(seen_pages())
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def framed(seen) -> dict[str, SeenPage]:
    """Return the pages with the navigation, by path."""
    found = {one.path.partition("?")[0]: one for one in seen if one.in_frame}
    assert len(found) > 100
    return found


class TestEveryAddress:
    def test_shows_hostile_text_as_text(self, seen):
        wrong = [f"{one.path}: {one.status}" for one in seen if one.status >= 500]
        pages = [one for one in seen if one.is_html]
        told = [one for one in seen if "json" in one.kind and one.status == 200]
        for one in pages:
            wrong += [f"{one.path}: {each}" for each in harm(one.body)]
        for one in told:
            json.loads(one.body)
        assert not wrong, "\n".join(wrong)
        assert len(pages) > 50
        assert len(told) > 45


class TestBreadcrumbs:
    def test_are_on_every_page(self, framed):
        assert [path for path, one in framed.items() if not one.crumbs] == []

    def test_lead_to_pages_that_name_themselves_so_or_to_one_whose_tab_this_is(self, framed):
        wrong = []
        for path, page in framed.items():
            for depth, (label, href) in enumerate(page.crumbs):
                above = framed.get(href)
                if above is None or label == above.labels[-1]:
                    continue
                if above.labels != page.labels[:depth]:
                    wrong.append(f"{path}: {label!r} of {page.labels} leads to {above.labels}")
        assert not wrong, "\n".join(wrong)

    def test_end_at_the_page_itself_or_at_the_one_whose_tab_it_is(self, framed):
        linked = {
            tuple(page.labels[: depth + 1]): framed[href]
            for page in framed.values()
            for depth, (_, href) in enumerate(page.crumbs)
            if href in framed
        }
        wrong = []
        for path, page in framed.items():
            other = linked.get(tuple(page.labels))
            if other is not None and other is not page and other.heading != page.heading:
                wrong.append(f"{path}: {page.heading!r} ends at {page.labels}")
        assert not wrong, "\n".join(wrong)


_OWN = "Orgwarden's own record"
_FORM = "a form whose act is checked against what was collected"
_LOGS = "rests on logs, of which it says what is missing"
_OF_ITS_RUN = "says of its own run, evidence or times what was not read"
# Pages of an organization that show no collected rows, by the beginning of their names, and why.
WITHOUT_COLLECTED = {
    "accounts-collect": _FORM,
    "approval-rules": _OWN,
    "baseline-": _OWN,
    "change-calendar": _OWN,
    "change-locks": _OWN,
    "change-request": _OF_ITS_RUN,
    "change-templates": _OWN,
    "change-windows": _OWN,
    "changes-withdraw": _FORM,
    "check-levels": _OWN,
    "comparison": _OF_ITS_RUN,
    "connection": _OWN,
    "contract-": _FORM,
    "contracts-import": _FORM,
    "denials": _LOGS,
    "detection": _LOGS,
    "exception": _OWN,
    "finding-act": _FORM,
    "finding-limits": _OWN,
    "guardrail-parameters": _OWN,
    "guardrail-write": _FORM,
    "guardrail-edit": _FORM,
    "ignore-rule": _OWN,
    "inventory-run": _OF_ITS_RUN,
    "log-source-add": _FORM,
    "protected-roles": _OWN,
    "report": _OF_ITS_RUN,
    "trust-limits": _OWN,
    "usage": _LOGS,
}


class TestFreshness:
    """Posture lists every collector that did not read all, in place of the notice."""

    def test_is_told_wherever_rows_are_shown_that_a_collector_did_not_read(self, seen):
        wrong = []
        for page in seen:
            if not issubclass(page.view or object, ConnectionPage) or not page.in_frame:
                continue
            told = 'aria-label="Freshness of this page"' in page.main or page.name == "posture"
            if page.view.shows_tables:
                wrong += [] if told else [f"{page.path} ({page.name}) tells of none"]
            elif not page.name.startswith(tuple(WITHOUT_COLLECTED)):
                wrong.append(f"{page.path} ({page.name}) names no tables")
        assert not wrong, "\n".join(wrong)


class TestLists:
    def test_have_search_filters_and_export_in_one_bar_above_their_rows(self, framed):
        pages = [one for one in framed.values() if issubclass(one.view or object, RowListPage)]
        bases = {base for one in lists() for base in one.__mro__[1:]}
        # Two times between which nothing changed have no list.
        assert set(lists()) - bases - {one.view for one in pages} == {ComparisonPage}
        wrong = []
        for page in pages:
            bar, below = _bar(page.main)
            parts = re.findall(r'role="search"|id="list-filters"|id="list-export"', bar)
            order = ['role="search"', 'id="list-filters"', 'id="list-export"']
            if parts != [one for one in order if one in parts] or order[-1] not in parts:
                wrong.append(f"{page.path}: {parts}")
            if 'id="rows"' not in below or "<table" in below.partition('id="rows"')[0]:
                wrong.append(f"{page.path}: the rows are not below the bar")
        assert not wrong, "\n".join(wrong)


def _bar(main: str) -> tuple[str, str]:
    """Return the bar of a list, and what is below it."""
    begin = main.index('<div class="toolbar">')
    depth = 0
    for one in re.finditer(r"<(/?)div\b", main[begin:]):
        depth += -1 if one[1] else 1
        if not depth:
            return main[begin : begin + one.start()], main[begin + one.end() :]
    raise AssertionError("the bar has no end")


_IN_SENTENCES = "named in the sentence of an edit or an effect, whose rows are links"
_OUTSIDE = "accounts of others have no page"
# Where names and ids of accounts, OUs and policies are not links, by address, and why.
UNLINKED = {
    "connections": "a row is an organization; of its management account only the id is told",
    "audit-entry": "an entry's text is shown as it was recorded",
    "tokens": "examples of what to fill in",
    "style": "examples of components",
    "change-request": _IN_SENTENCES,
    "change-request-changes": _IN_SENTENCES,
    "change-request-evidence": _IN_SENTENCES,
    "change-request-edit": _IN_SENTENCES,
    "trust-edge": "named in the sentence of an edge; the resource in it is a link",
    "report": "a document, to print and to send",
    "external-parties": _OUTSIDE,
    "trust": _OUTSIDE,
}
# Of Orgwarden's own roles only what a connection says of them is told there.
_OWN_ROLES = {"connection", "connection-create", "connection-edit"}
_PRINCIPALS = re.compile(r"/principals/(arn:aws:iam::\d{12}:(?:role|user|group)/[^\s\"?#]+)")
_IDS = {
    "accounts": re.compile(r"\b\d{12}\b"),
    "organizational-units": re.compile(r"\bou-[a-z0-9]+-[a-z0-9]+\b"),
    "policies": re.compile(r"\bp-[a-z0-9]{8,}\b"),
}
# What is no text of a page, is a link already, or stands in a form.
_ASIDE = re.compile(
    r"<(script|style|template|textarea|pre|select|datalist|label|a|button|h1|nav)\b.*?</\1>",
    re.DOTALL,
)


class TestLinks:
    def test_lead_from_each_account_ou_and_policy_on_a_page_to_its_own(self, framed):
        wrong = []
        for path, page in framed.items():
            text = re.sub(r"arn:\S+", " ", plain(_ASIDE.sub(" ", page.main)))
            for kind, ids in _IDS.items():
                missing = {
                    one
                    for one in ids.findall(text)
                    if f"/{kind}/{one}/" not in page.links and one not in path
                }
                if missing and page.name not in UNLINKED:
                    wrong.append(f"{path} ({page.name}): {kind} {sorted(missing)}")
        assert not wrong, "\n".join(wrong)

    def test_lead_from_each_role_and_user_on_a_page_to_its_own(self, framed):
        known = {arn for page in framed.values() for arn in _PRINCIPALS.findall(page.links)}
        # Shorter names are words of sentences, too.
        named = {arn: arn.rsplit("/", 1)[-1] for arn in known if len(arn.rsplit("/", 1)[-1]) > 6}
        assert named
        wrong = []
        for path, page in framed.items():
            text = plain(_ASIDE.sub(" ", page.main))
            for name in set(named.values()):
                alike = {arn for arn, other in named.items() if other == name}
                shown = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
                is_linked = any(f"/principals/{arn}" in page.links or arn in path for arn in alike)
                if shown and not is_linked and page.name not in _OWN_ROLES:
                    wrong.append(f"{path} ({page.name}): {name}")
        assert not wrong, "\n".join(wrong)

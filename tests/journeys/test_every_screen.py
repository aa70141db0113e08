"""Every screen there is, found in the URL patterns: it fits, reads aloud and goes by keyboard."""

import re
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from tests.factories.people import person
from tests.factories.rich_snapshots import DEPLOYER_ACCOUNT, rich_snapshot
from tests.journeys.axe import bring_along
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen, settled
from tests.journeys.reading import by_keyboard, read_aloud

ASKED = {
    "principal": f"arn:aws:iam::{DEPLOYER_ACCOUNT}:role/ci/Deployer",
    "action": "ec2:RunInstances",
    "resource": "*",
}
PARTS = 3
# What screens show beyond their first looks.
STATES = (
    f"/o/acme/why-denied/?{urlencode(ASKED)}",
    f"/o/acme/accounts/{DEPLOYER_ACCOUNT}/?policy_type=RESOURCE_CONTROL_POLICY",
    f"/o/acme/accounts/{DEPLOYER_ACCOUNT}/ceiling/s3/GetObject/"
    "?policy_type=RESOURCE_CONTROL_POLICY",
    f"/o/acme/accounts/{DEPLOYER_ACCOUNT}/ceiling/ec2/RunInstances/",
    "/o/acme/accounts/333333333331/",
    "/o/acme/accounts/555555555551/",
    "/o/acme/accounts/222222222223/coverage/",
    "/o/acme/accounts/222222222223/",
    "/o/acme/accounts/333333333331/iam/",
    "/o/acme/accounts/333333333331/history/",
    "/o/acme/organizational-units/ou-ab12-work0001/",
    # Its text has changed.
    "/o/acme/policies/p-regio001/",
    "/o/acme/policies/p-regio001/attachments/",
    "/o/acme/policies/p-regio001/versions/",
    "/o/acme/accounts/?q=nothing-of-that-name",
    "/o/acme/accounts/?as_of=2020-01-01",
    "/o/acme/accounts/?sort=nonsense",
    "/o/acme/accounts/999999999999/",
    "/o/acme/findings/?as_of=2020-01-01",
)
# What opens on a screen, found by its address, by what opens it and what is open then; and forms
# that are refused.
MENUS = ".menu[open] .menu-panel"
OPENED = (
    ("/o/acme/accounts/", "[data-palette]", "#palette"),
    ("/o/acme/accounts/", "summary:has-text('signed in as')", MENUS),
    ("/o/acme/accounts/", "summary:has-text('Views')", MENUS),
    ("/o/acme/accounts/", "summary:has-text('Columns')", MENUS),
    ("/o/acme/accounts/", "summary:has-text('Export')", MENUS),
    (r"/o/acme/trust/contracts/\d+/", "main [data-dialog]", "dialog[open]"),
    (r"/o/acme/simulator/\d+/", "[data-dialog='delete-draft']", "dialog[open]"),
)
REFUSED = (
    "/connections/new/",
    "/o/acme/exceptions/ask/",
    "/o/acme/who-can/?action=nonsense",
)


@pytest.fixture
def visitor(transactional_db: None) -> User:
    """Somebody of the staff who may do all."""
    person("administrator", username="administrator")
    return person("administrator", username="staff", is_staff=True)


@pytest.fixture
def pages(visitor: User) -> list[str]:
    """Every address of the product below which there is a page, a part or a file."""
    rich_snapshot("acme")
    found = list(addresses(stored_things().parameters()))
    assert [address for address in found if address.lacking] == []
    paths = [address.path for address in found if not address.path.startswith("/api/")]
    assert len(paths) > 50
    return [*paths, *STATES]


def page_at(client: Client, path: str) -> str:
    """Return the HTML of the page that answers; empty for a part of one, a file or a redirect."""
    answer = client.get(path)
    if answer.streaming or (answer.status_code != HTTPStatus.OK and path not in STATES):
        return ""
    content = bytes(answer.content)
    return content.decode() if content.lstrip()[:9].lower() == b"<!doctype" else ""


def reads_and_goes_by_keyboard(page: Page) -> list[str]:
    """Return what hinders those who hear the page, or have no pointer."""
    return [*by_keyboard(page), *read_aloud(page)]


class TestEveryScreen:
    # In parts, so that they can be walked side by side.
    @pytest.mark.parametrize("part", range(PARTS))
    def test_fits_reads_aloud_and_goes_by_keyboard_in_both_themes_and_widths(
        self, browser_page: OpenPage, pages: list[str], visitor: User, part: int
    ):
        client = Client()
        client.force_login(visitor)
        screens = [path for path in pages[part::PARTS] if page_at(client, path)]
        assert len(screens) > 10
        page = browser_page(visitor)
        bring_along(page)
        problems: list[str] = []
        for number, path in enumerate(screens):
            page.goto(path)
            name = f"screen-{part}{number:02}"
            # Of two screens the first is looked at from wide to narrow, the second from there back.
            if number % 2 == 0:
                found = reads_and_goes_by_keyboard(settled(page))
                found += seen(page, name, twice=True, and_back=False)
            else:
                found = seen(page, name, twice=True, and_back=False)
                found += reads_and_goes_by_keyboard(page)
            problems += [f"{path}: {problem}" for problem in found]
        if problems:
            pytest.fail("\n".join(problems))

    def test_also_with_what_opens_on_it_open_and_with_a_form_refused(
        self, browser_page: OpenPage, pages: list[str], visitor: User
    ):
        page = browser_page(visitor)
        problems: list[str] = []
        for number, (address, opener, opened) in enumerate(OPENED):
            path = next(path for path in pages if re.fullmatch(address, path))
            if path != urlsplit(page.url).path:
                page.goto(path)
            page.locator(opener).first.focus()
            page.keyboard.press("Enter")
            settled(page)
            # Behind a menu stands what it covers, beside which its lines would be too near.
            looks = seen(page, f"opened-{number:02}", whole=False)
            found = [
                *(problem for problem in looks if ": target-size: " not in problem),
                *by_keyboard(page, opened),
            ]
            page.keyboard.press("Escape")
            if page.locator(opened).is_visible():
                found.append("Escape does not close it")
            elif not page.locator(opener).first.evaluate("one => one === document.activeElement"):
                found.append("closed, it does not give focus back to what opened it")
            problems += [f"{path} {opener}: {problem}" for problem in found]
        for number, path in enumerate(REFUSED):
            page.goto(path)
            if "?" not in path:
                with page.expect_navigation():
                    page.locator("main form[method=post]").last.evaluate(
                        "form => { form.noValidate = true; form.requestSubmit(); }"
                    )
            settled(page)
            found = [
                *seen(page, f"refused-{number:02}"),
                *reads_and_goes_by_keyboard(page),
            ]
            if not page.locator("[aria-invalid=true]").count():
                found.append("no field is marked as wrong")
            problems += [f"{path} refused: {problem}" for problem in found]
        if problems:
            pytest.fail("\n".join(problems))

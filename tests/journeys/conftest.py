"""A headless Chromium on the live server, and the people and organizations that journeys need."""

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from tests.factories.demo_organization import DemoOrganization, demo_organization
from tests.factories.people import person
from tests.factories.snapshots import Snapshot, organization_snapshot
from tests.journeys.looking import HEIGHTS, ROOT, WIDE

BUILD = ROOT / "static/build/orgwarden.css"
SOURCES = ROOT / "static/src"
PASSWORD = "correct horse battery"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # So that a page finds the scripts compiled that an earlier one has run.
    "--process-per-site",
]
# What Chromium and htmx write of answers that are errors; journeys bring some about on purpose.
_SAID_OF_ANSWERS = ("status of", "Response Status Error Code")

OpenPage = Callable[..., Page]


def _chromium() -> str | None:
    """Find Chromium; the build without windows loads a page with a third less processor time."""
    return (
        os.environ.get("ORGWARDEN_CHROMIUM")
        or shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here as a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Start Playwright's driver once."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Start Chromium once; skip loudly where there is none."""
    executable = _chromium()
    if executable is None:
        said = "NO BROWSER: chromium is not installed, so no journey was tested"
        warnings.warn(pytest.PytestWarning(said), stacklevel=1)
        pytest.skip(said)
    if not BUILD.exists():
        pytest.fail("static/build is missing: run `make assets` first")
    newest = max(path.stat().st_mtime for path in SOURCES.rglob("*") if path.is_file())
    if BUILD.stat().st_mtime < newest:
        pytest.fail("static/build is older than static/src: run `make assets` first")
    driver: Playwright = request.getfixturevalue("playwright_driver")
    # Playwright runs an event loop in this thread, in which Django refuses its database otherwise.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    browser = driver.chromium.launch(executable_path=executable, args=ARGUMENTS)
    yield browser
    browser.close()


def _context(browser: Browser, live_server: LiveServer) -> BrowserContext:
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    return context


@pytest.fixture(scope="session")
def warm_context(
    browser: Browser, live_server: LiveServer, django_db_setup: None
) -> Iterator[BrowserContext]:
    """What the first page of each test opens in: a later test finds files and scripts at hand.

    Closed before the database is dropped, which would wait for the connections of its requests.
    """
    context = _context(browser, live_server)
    yield context
    context.close()


@pytest.fixture
def browser_page(
    browser: Browser, live_server: LiveServer, warm_context: BrowserContext
) -> Iterator[OpenPage]:
    """Return a function that opens a page: `browser_page(user, width=390)`.

    With a `user` the page is signed in. A second page of a test is in another browser, so to say:
    it shares no cookie with the first. Errors in the pages' scripts and breaches of their
    Content-Security-Policy fail the test.
    """
    others: list[BrowserContext] = []
    opened: list[Page] = []
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(said in message.text for said in _SAID_OF_ANSWERS):
            problems.append(message.text)

    def open_page(user: User | None = None, *, width: int = WIDE) -> Page:
        context = warm_context
        if opened:
            context = _context(browser, live_server)
            others.append(context)
        elif not context.pages:
            # Stays, and with it the process that the pages of all tests are shown in.
            context.new_page().goto(reverse("sign-in"))
        if user is not None:
            _let_in(user, context, live_server)
        page = context.new_page()
        opened.append(page)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", note)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        return page

    yield open_page
    for page in opened:
        page.close()
    for context in others:
        context.close()
    _forget(warm_context)
    assert problems == []


def _let_in(user: User, context: BrowserContext, live_server: LiveServer) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    host = urlsplit(live_server.url).hostname or ""
    session = client.cookies[name].value
    context.add_cookies([{"name": name, "value": session, "domain": host, "path": "/"}])


def _forget(context: BrowserContext) -> None:
    """Leave nothing of one test to the next, but what is cached."""
    context.clear_cookies()
    context.clear_permissions()
    for page in context.pages:
        page.evaluate("localStorage.clear()")


def sign_in(page: Page, user: User) -> None:
    """Sign in as people do, by the form."""
    page.goto(reverse("sign-in"))
    page.get_by_label("Username").fill(user.get_username())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)


@pytest.fixture
def viewer(transactional_db: None) -> User:
    """Somebody who may look and simulate."""
    return person("viewer", username="vera", first_name="Vera", last_name="Viewer")


@pytest.fixture
def author(transactional_db: None) -> User:
    """Somebody who may also start runs."""
    return person("author", username="ada")


@pytest.fixture
def administrator(transactional_db: None) -> User:
    """Somebody who may also connect organizations."""
    return person("administrator", username="alma")


@pytest.fixture
def snapshot(transactional_db: None) -> Snapshot:
    """The small organization."""
    return organization_snapshot()


@pytest.fixture
def demo(transactional_db: None) -> DemoOrganization:
    """The demo organization."""
    return demo_organization()

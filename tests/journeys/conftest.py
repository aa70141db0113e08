"""A headless Chromium on the live server, signed-in people, pictures, checks with axe."""

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
BUILD = ROOT / "static/build/orgwarden.css"
PASSWORD = "correct horse battery"
# Every screen is seen in light at 1440 and in dark at 390 by `test_every_screen`; the journeys of
# a screen see the other two, so that all four are seen and none twice.
THEMES = [("dark", 1440), ("light", 390)]
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Rules of WCAG 2.0 to 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

OpenPage = Callable[..., Page]


def _chromium() -> str | None:
    return os.environ.get("ORGWARDEN_CHROMIUM") or shutil.which("chromium")


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
    driver: Playwright = request.getfixturevalue("playwright_driver")
    # Playwright runs an event loop in this thread, in which Django refuses its database otherwise.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    browser = driver.chromium.launch(executable_path=executable, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def browser_page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Return a function that opens a page: `browser_page(theme="dark", width=390)`.

    Errors in the page's scripts and breaches of its Content-Security-Policy fail the test.
    """
    contexts = []
    problems: list[str] = []

    def open_page(*, theme: str = "light", width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": height},
            device_scale_factor=1 if width > 600 else 2,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if message.type == "error"
                and "status of" not in message.text
                and "Response Status Error Code" not in message.text
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def sign_in(page: Page, user: User) -> None:
    """Sign in as people do, by the form."""
    page.goto(reverse("sign-in"))
    page.get_by_label("Username").fill(user.get_username())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page in the folder that ORGWARDEN_PICTURES names, if it does."""
    folder = os.environ.get("ORGWARDEN_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        # Hiding the caret would take an inline style, which the page's policy blocks and reports.
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=whole, caret="initial")


def accessible(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA, a line a place; empty is good."""
    # Evaluated through the debugger: a script element would be stopped by the page's policy.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def fits_its_width(page: Page) -> bool:
    """Whether the page scrolls in one direction only."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )

"""`make screenshots`: pictures of the demo's screens for README and tour, light and dark.

Starts a stack aside, waits for its first inventory and looks at it with headless Chromium, which
`ORGWARDEN_CHROMIUM` names if it is not in the path. `python -m docs.screenshots findings trust`
makes only these.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from playwright.sync_api import sync_playwright

from demo.stack.aside import running_stack

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from demo.stack.supervisor import Stack

_FOLDER = Path(__file__).parent / "screenshots"
_WIDTH, _HEIGHT = 1440, 900
_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Name of the picture → where it is, below the organization. `{review}` is the number of a change
# request that waits for reviews, `{rollout}` of one that is rolled out.
SCREENS: Final = {
    "posture": "",
    "organization": "organization/",
    "guardrails": "guardrails/",
    "findings": "findings/",
    "landing-zone": "landing-zone/",
    "change-request": "changes/{review}/",
    "rollout": "changes/{rollout}/rollout/",
    "trust": "trust/",
    "usage": "usage/",
}
_STATES: Final = {
    "review": ("in_review", "changes_requested"),
    "rollout": ("waiting_for_go", "soaking", "halted", "applying", "partially_applied", "applied"),
}


def main() -> int:
    """Make all pictures, or those that are named; 1 if there is no browser."""
    parser = argparse.ArgumentParser(prog="docs.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCREENS))
    names = parser.parse_args().names or list(SCREENS)
    if unknown := set(names) - set(SCREENS):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}")
    executable = os.environ.get("ORGWARDEN_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        print("chromium is not installed; install it, or name it in ORGWARDEN_CHROMIUM")
        return 1
    _FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="orgwarden screenshots ") as name,
        running_stack(Path(name)) as stack,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        for theme in _THEMES:
            _pictures(browser, stack, theme, names)
        browser.close()
    return 0


def _pictures(
    browser: Browser, stack: Stack, theme: Literal["light", "dark"], names: list[str]
) -> None:
    page = browser.new_page(
        base_url=stack.address,
        color_scheme=theme,
        viewport={"width": _WIDTH, "height": _HEIGHT},
        reduced_motion="reduce",
    )
    sign_in(page, stack.people()["viewer"])
    for name in names:
        page.goto(address_of(page, name))
        page.wait_for_load_state("networkidle")
        path = _FOLDER / f"{name}-{theme}.png"
        page.screenshot(path=str(path))
        print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)
    page.close()


def sign_in(page: Page, password: str) -> None:
    """Sign the demo's viewer in, which leads to the organization's home."""
    page.goto("/sign-in/")
    page.get_by_label("Username").fill("viewer")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/o/*/**")


def address_of(page: Page, name: str) -> str:
    """Return the address of a screen of the organization that is open.

    :raises LookupError: no change request is in a state that it shows.
    """
    slug = page.url.split("/o/")[1].partition("/")[0]
    numbers = {
        wanted: _change_number(page, slug, states) if f"{{{wanted}}}" in SCREENS[name] else 0
        for wanted, states in _STATES.items()
    }
    return f"/o/{slug}/{SCREENS[name]}".format(**numbers)


def _change_number(page: Page, slug: str, states: tuple[str, ...]) -> int:
    """Return the number of a change request in the first of some states that one is in."""
    for state in states:
        answer = page.request.get(
            f"/api/v1/organizations/{slug}/change-requests?state={state}&limit=1"
        )
        found = answer.json()["results"]
        if found:
            return int(found[0]["number"])
    raise LookupError(f"no change request is {' or '.join(states)}")


if __name__ == "__main__":
    sys.exit(main())

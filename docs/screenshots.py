"""`make screenshots`: pictures of the demo's screens for the README, light and dark.

Starts a stack aside, waits for its first inventory and looks at it with headless Chromium, which
`ORGWARDEN_CHROMIUM` names if it is not in the path.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import sync_playwright

from demo.stack.aside import running_stack

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from demo.stack.supervisor import Stack

_FOLDER = Path(__file__).parent / "screenshots"
_WIDTH, _HEIGHT = 1440, 900
_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Name of the picture → the link in the navigation that leads there.
_SCREENS = {
    "posture": "Posture",
    "organization": "Organization",
    "guardrails": "Guardrails",
    "findings": "Findings",
    "landing-zone": "Landing zone",
}


def main() -> int:
    """Make all pictures; 1 if there is no browser."""
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
            _pictures(browser, stack, theme)
        browser.close()
    return 0


def _pictures(browser: Browser, stack: Stack, theme: Literal["light", "dark"]) -> None:
    page = browser.new_page(
        base_url=stack.address,
        color_scheme=theme,
        viewport={"width": _WIDTH, "height": _HEIGHT},
        reduced_motion="reduce",
    )
    page.goto("/sign-in/")
    page.get_by_label("Username").fill("viewer")
    page.get_by_label("Password").fill(stack.people()["viewer"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)
    for name, link in _SCREENS.items():
        page.get_by_role("navigation").get_by_role("link", name=link, exact=True).first.click()
        page.wait_for_load_state("networkidle")
        path = _FOLDER / f"{name}-{theme}.png"
        page.screenshot(path=str(path))
        print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())

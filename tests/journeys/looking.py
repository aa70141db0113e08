"""How a journey looks at a page: in each theme and width, with axe, and in pictures."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Page

from tests.journeys.axe import examined

ROOT = Path(__file__).parents[2]
WIDE, NARROW = 1440, 390
HEIGHTS = {WIDE: 900, NARROW: 844}


class Look(NamedTuple):
    """A theme and a width. axe looks once in each theme and width; contrast is examined in all."""

    theme: Literal["light", "dark"]
    width: int
    by_axe: bool


LOOKS = (
    Look("light", WIDE, by_axe=True),
    Look("dark", WIDE, by_axe=False),
    Look("dark", NARROW, by_axe=True),
    Look("light", NARROW, by_axe=False),
)

# What keeps a page from being as it will stay; empty when nothing does. Parts that load by
# themselves say so in hx-trigger and are replaced by what they loaded.
_UNSETTLED = """async () => {
  const drawn = (figure) => {
    const plot = figure.querySelector(".chart-plot");
    const box = plot.querySelector(".main-svg")?.getBoundingClientRect();
    return box !== undefined && Math.abs(box.width - plot.clientWidth) <= 1;
  };
  const trouble = () => {
    if (document.readyState !== "complete") return "the document is loading";
    if (document.fonts.status !== "loaded") return "fonts are loading";
    const loading = document.querySelector(
      ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added, [hx-trigger='load']"
    );
    if (loading) return `${loading.tagName} ${loading.className} is loading`;
    const shown = [...document.querySelectorAll("[data-figure]")].filter((one) => one.offsetParent);
    return shown.every(drawn) ? "" : "a chart is not drawn for its width";
  };
  const frame = () => new Promise((painted) => requestAnimationFrame(painted));
  const end = performance.now() + 15000;
  // What follows a theme or a width is told of it in the next frame.
  await frame();
  await frame();
  while (trouble() && performance.now() < end) await frame();
  return trouble();
}"""


def settled(page: Page) -> Page:
    """Wait until the page has loaded its parts and drawn its charts; return it."""
    trouble = page.evaluate(_UNSETTLED)
    assert trouble == "", f"{page.url}: {trouble}"
    return page


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page in the folder that ORGWARDEN_PICTURES names, if it does."""
    folder = os.environ.get("ORGWARDEN_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        # Hiding the caret would take an inline style, which the page's policy blocks and reports.
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=whole, caret="initial")


def fits_its_width(page: Page) -> bool:
    """Whether the page scrolls in one direction only."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


def seen(
    page: Page, name: str, *, widths: Sequence[int] = (WIDE, NARROW), whole: bool = True
) -> list[str]:
    """Look at the page as it stands in both themes and widths; return what is wrong in which.

    It is not loaded again: what is drawn follows the theme and the width. Afterwards it looks as
    it did. The pictures are `name`-theme-width, of the `whole` page or of what is in the window.
    """
    size = page.viewport_size
    assert size is not None
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    scrolled = page.evaluate("[scrollX, scrollY]")
    problems: list[str] = []
    for look in LOOKS:
        if look.width not in widths:
            continue
        page.emulate_media(color_scheme=look.theme)
        page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})
        settled(page)
        # A page that grows longer keeps what is in sight there, and so scrolls.
        page.evaluate("at => scrollTo(...at)", scrolled)
        picture(page, f"{name}-{look.theme}-{look.width}", whole=whole)
        found = examined(page, whole=look.by_axe)
        if not fits_its_width(page):
            found.append("the page is wider than the window")
        problems += [f"{name}, {look.theme} at {look.width}: {problem}" for problem in found]
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.set_viewport_size(size)
    settled(page)
    return problems

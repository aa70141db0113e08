"""How a journey looks at a page: in each theme and width, with axe, and in pictures."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Page, ViewportSize

from tests.journeys.axe import examined

ROOT = Path(__file__).parents[2]
WIDE, NARROW = 1440, 390
HEIGHTS = {WIDE: 900, NARROW: 844}


Theme = Literal["light", "dark"]


class Look(NamedTuple):
    """A theme and a width. axe looks once in each theme and width; contrast is examined in all."""

    theme: Theme
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
# Answers also whether the page is then wider than the window, scrolled to where it was if asked.
_UNSETTLED = """async (scrolled) => {
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
  if (scrolled) scrollTo(...scrolled);
  const root = document.documentElement;
  return [trouble(), root.scrollWidth > root.clientWidth];
}"""

# At 200 % a window of 1440 pixels lays a page out as one of half the width and height.
TWICE: ViewportSize = {"width": WIDE // 2, "height": HEIGHTS[WIDE] // 2}
# What lies outside the window and in nothing that scrolls is lost.
_LOST = """() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = (one) => {
    for (let each = one.parentElement; each; each = each.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(each).overflowX)) return true;
    }
    return false;
  };
  const problems = [];
  if (document.documentElement.scrollWidth > wide) problems.push("the page scrolls sideways");
  const controls = "main :is(a, button, input, select, summary)";
  for (const one of document.querySelectorAll(controls)) {
    if (!one.checkVisibility({visibilityProperty: true})) continue;
    if (one.closest(".visually-hidden")) continue;
    const box = one.getBoundingClientRect();
    if (box.width < 2 || (box.right <= wide + 1 && box.left >= -1) || scrolls(one)) continue;
    problems.push(`is outside the window: ${one.tagName} "${one.textContent.trim().slice(0, 40)}"`);
  }
  return problems;
}"""


def settled(page: Page) -> Page:
    """Wait until the page has loaded its parts and drawn its charts; return it."""
    _fits_once_settled(page)
    return page


def _fits_once_settled(page: Page, scrolled: Sequence[float] | None = None) -> bool:
    """Wait for that; return whether the page scrolls in one direction only.

    A page that grows longer keeps what is in sight there, and so scrolls: `scrolled` is how far it
    is to be right and down.
    """
    trouble, is_wider = page.evaluate(_UNSETTLED, scrolled)
    assert trouble == "", f"{page.url}: {trouble}"
    return not is_wider


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page in the folder that ORGWARDEN_PICTURES names, if it does."""
    folder = os.environ.get("ORGWARDEN_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        # Hiding the caret would take an inline style, which the page's policy blocks and reports.
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=whole, caret="initial")


def seen(
    page: Page,
    name: str,
    *,
    widths: Sequence[int] = (WIDE, NARROW),
    whole: bool = True,
    twice: bool = False,
    and_back: bool = True,
) -> list[str]:
    """Look at the page as it stands in both themes and widths; return what is wrong in which.

    It is not loaded again: what is drawn follows the theme and the width. The first width is the
    one it has, and on the way to the other it is looked at at `twice` the size if asked for.
    Afterwards it looks as it did, but for the width if it need not go `and_back`. The pictures are
    `name`-theme-width, of the `whole` page or of what is in the window.
    """
    size = page.viewport_size
    assert size is not None
    is_dark, *scrolled = page.evaluate(
        "[matchMedia('(prefers-color-scheme: dark)').matches, scrollX, scrollY]"
    )
    usual: Theme = "dark" if is_dark else "light"
    theme = usual
    looks = [look for look in LOOKS if look.width in widths]
    if size["width"] == NARROW:
        looks.reverse()
    problems: list[str] = []
    for number, look in enumerate(looks):
        if twice and number and looks[number - 1].width != look.width:
            problems += [f"{name}, at 200 %: {problem}" for problem in at_twice_the_size(page)]
        if look.theme != theme:
            page.emulate_media(color_scheme=look.theme)
            theme = look.theme
        _resize(page, {"width": look.width, "height": HEIGHTS[look.width]})
        fits = _fits_once_settled(page, scrolled)
        picture(page, f"{name}-{look.theme}-{look.width}", whole=whole)
        found = examined(page, whole=look.by_axe)
        if not fits:
            found.append("the page is wider than the window")
        problems += [f"{name}, {look.theme} at {look.width}: {problem}" for problem in found]
    if theme != usual:
        page.emulate_media(color_scheme=usual)
    if and_back and page.viewport_size != size:
        _resize(page, size)
        settled(page)
    return problems


def at_twice_the_size(page: Page) -> list[str]:
    """Return what is lost at 200 %, a line a place; the page is left at that size."""
    _resize(page, TWICE)
    settled(page)
    found: list[str] = page.evaluate(_LOST)
    return found


def _resize(page: Page, size: ViewportSize) -> None:
    if page.viewport_size != size:
        page.set_viewport_size(size)

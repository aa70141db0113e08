"""What axe finds on a page, and what of it was examined before where it was the same.

Contrast takes axe most of its time. Whether text can be read follows from its colour, from whether
it is large, and from what is drawn behind it: where axe has passed text, other text of the same
look needs no examination; text that it has not passed, or could not decide on, is examined on every
page. The frame around the screens is the next: a part of it that has passed at this width needs no
examination where it stands again, word for word, and what it refers to is there or not as before.
What is left is examined by every rule once a page: in another theme and width only by the rules
that go by how it is drawn, unless something else is on the page, or something else of it in sight.
"""

from functools import cache
from pathlib import Path
from typing import TypedDict

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"


class _Examined(TypedDict):
    problems: list[str]
    looks: list[str]
    parts: list[str]


# Rules of WCAG 2.0 to 2.2, levels A and AA.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# Those of the rules that go by how things are drawn.
DRAWN = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")

# Takes the looks and the parts that have passed. Has axe examine all visible text of another look
# and, if asked for, everything else.
_EXAMINE = """async ({tags, drawn, knownLooks, knownParts}) => {
  if (!("axe" in window)) return null;
  // 64 bits, by FNV-1a once forwards and once backwards.
  const digest = (text) => {
    let [one, other] = [0x811c9dc5, 0x811c9dc5];
    for (let at = 0; at < text.length; at += 1) {
      one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
      other = Math.imul(other ^ text.charCodeAt(text.length - 1 - at), 0x01000193);
    }
    return (one >>> 0).toString(36) + "." + (other >>> 0).toString(36);
  };
  const behind = new Map();
  const drawnBehind = (element) => {
    if (element === null) return "";
    if (!behind.has(element)) {
      const style = getComputedStyle(element);
      const own = [
        style.backgroundColor === "rgba(0, 0, 0, 0)" ? "" : style.backgroundColor,
        style.backgroundImage === "none" ? "" : style.backgroundImage,
        style.opacity === "1" ? "" : style.opacity,
        style.filter === "none" ? "" : style.filter,
        style.mixBlendMode === "normal" ? "" : style.mixBlendMode,
        style.position === "static" ? "" : style.position,
        style.clipPath === "none" ? "" : style.clipPath,
        element.matches(":disabled, [aria-disabled=true], [inert]") ? "disabled" : "",
      ].join();
      const outer = drawnBehind(element.parentElement);
      behind.set(element, /^,*$/.test(own) ? outer : `${outer}/${own}`);
    }
    return behind.get(element);
  };
  const about = new Map();
  // What stands beside an element could be drawn behind it.
  const beside = (element) => {
    const parent = element.parentElement;
    if (!about.has(parent)) {
      const names = [...parent.children].map((one) => one.localName + one.getAttribute("class"));
      about.set(parent, [...new Set(names)].sort().join());
    }
    return about.get(parent);
  };
  // Of size and weight only this counts: WCAG asks less of 18 points, or of 14 that are bold.
  const isLarge = ({ fontSize, fontWeight }) =>
    parseFloat(fontSize) * 0.75 >= (parseFloat(fontWeight) >= 700 ? 14 : 18);
  const digests = new Map();
  const look = (element) => {
    const style = getComputedStyle(element);
    const control = element.matches("input, select, textarea") ? element.type : "";
    const whole = [
      style.color, isLarge(style), style.textShadow, style.webkitTextStroke, control,
      drawnBehind(element), beside(element),
    ].join("|");
    if (!digests.has(whole)) digests.set(whole, digest(whole));
    return digests.get(whole);
  };
  // What axe never examines would be handed to it on every page: marks alone, and what is disabled.
  const withoutText = ["checkbox", "color", "hidden", "image", "radio", "range"];
  const disabled =
    ":is(button, input, select, textarea):disabled, [aria-disabled=true], [inert]";
  const isRead = (node) => node.nodeType === 3 && /[^\\s\\p{P}]/u.test(node.data);
  const hasText = (element) =>
    (element.matches("input, select, textarea")
      ? !withoutText.includes(element.type)
      : [...element.childNodes].some(isRead)) && !element.closest(disabled);
  // A box of one pixel, or outside of the document, is for screen readers: nobody sees its text.
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    return (
      box.width > 1 && box.height > 1 && box.right + scrollX > 0 && box.bottom + scrollY > 0 &&
      element.checkVisibility({ visibilityProperty: true })
    );
  };
  const known = new Set(knownLooks.split(" "));
  const alike = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (!hasText(element) || !isSeen(element)) continue;
    const name = look(element);
    if (known.has(name)) continue;
    if (!alike.has(name)) alike.set(name, []);
    alike.get(name).push(element);
  }
  // A part of the frame as it stands, with what it refers to.
  const referring = ["aria-activedescendant", "aria-controls", "aria-describedby", "aria-details",
    "aria-errormessage", "aria-flowto", "aria-labelledby", "aria-owns", "for", "list"];
  const partName = (part) => {
    const text = part.outerHTML.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1");
    const there = [];
    for (const name of referring)
      for (const one of [part, ...part.querySelectorAll(`[${name}]`)])
        for (const id of (one.getAttribute(name) || "").split(/\\s+/))
          there.push(document.getElementById(id) !== null && id !== "");
    const box = part.getBoundingClientRect();
    return digest([innerWidth, box.width, box.height, there, text].join("|"));
  };
  const frame = tags
    ? [...document.querySelectorAll("body > header, .shell > nav, body > dialog, .fresh-under")]
    : [];
  const parts = new Map(frame.map((part) => [part, partName(part)]));
  const passed = new Set(knownParts.split(" "));
  // Whether all but the parts that have passed is as it was when it passed every rule.
  const before = window.hasPassed;
  const around = frame.filter((part) => passed.has(parts.get(part)));
  const elements = tags ? [...document.body.querySelectorAll("*")] : [];
  const now = { content: tags ? document.body.outerHTML : "", inSight: elements.map(isSeen) };
  const isAsBefore = tags !== null && before?.content === now.content && now.inSight.every(
    (one, at) => one === before.inSight[at] || around.some((part) => part.contains(elements[at])),
  );
  const marks = "data-contrast-examined";
  const contrastOf = (selector) => axe.configure({ rules: [{ id: "color-contrast", selector }] });
  const found = { problems: new Set(), broken: new Set(), read: new Set(), unread: new Set() };
  const examine = async (elements, whole) => {
    if (!elements.length && !whole) return;
    contrastOf(`[${marks}]`);
    for (const one of elements) one.setAttribute(marks, "");
    const within = (part) => elements.some((one) => part.contains(one));
    const again = around.filter((part) => !within(part));
    const context = again.length ? { exclude: again } : document;
    const runOnly = whole && !isAsBefore
      ? { type: "tag", values: tags }
      : { type: "rule", values: whole ? drawn : ["color-contrast"] };
    // The reporters say all that axe did, of rules that hold too, which is 100 times as long.
    const reporter = (all, _, done) => done(all);
    const how = { elementRef: true, reporter, runOnly, selectors: false };
    const results = await axe.run(context, how);
    for (const { id, violations, passes } of results) {
      for (const { node } of violations) found.broken.add(node.element);
      if (id !== "color-contrast") continue;
      for (const { node } of violations) found.unread.add(node.element);
      for (const { node } of passes) found.read.add(node.element);
    }
    for (const one of elements) one.removeAttribute(marks);
    const rules = results.filter(({ violations }) => violations.length).map(({ id }) => id);
    if (!rules.length) return;
    // Once more, for the words: where each is and what would mend it.
    contrastOf("*");
    const told = await axe.run(context, { runOnly: { type: "rule", values: rules } });
    for (const { id, nodes } of told.violations)
      for (const { target, failureSummary } of nodes)
        found.problems.add(`${id}: ${target} ${failureSummary}`);
  };
  const reads = (elements) => elements.some((one) => found.read.has(one));
  // One of each look, and all of a look that axe did not pass.
  await examine([...alike.values()].map(([one]) => one), Boolean(tags));
  const others = [...alike.values()].filter((elements) => !reads(elements));
  await examine(others.flatMap(([, ...more]) => more), false);
  if (tags) window.hasPassed = found.broken.size ? undefined : now;
  const isBroken = (part) => [...found.broken].some((one) => !one || part.contains(one));
  return {
    problems: [...found.problems],
    looks: [...alike].filter(
      ([, elements]) => reads(elements) && !elements.some((one) => found.unread.has(one)),
    ).map(([name]) => name),
    parts: frame.filter((part) => !isBroken(part)).map((part) => parts.get(part)),
  };
}"""


_looks: set[str] = set()
_parts: set[str] = set()


def examined(page: Page, *, whole: bool = True) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA, a line a place; empty is good.

    Of contrast alone if not of the `whole`. What passed is remembered as long as the process.
    """
    given = {
        "drawn": DRAWN,
        "tags": TAGS if whole else None,
        "knownLooks": " ".join(_looks),
        "knownParts": " ".join(_parts),
    }
    found: _Examined | None = page.evaluate(_EXAMINE, given)
    if found is None:
        # Evaluated through the debugger: a script element would be stopped by the page's policy.
        page.evaluate(_script())
        found = page.evaluate(_EXAMINE, given)
    assert found is not None
    _looks.update(found["looks"])
    _parts.update(found["parts"])
    return found["problems"]


def bring_along(page: Page) -> None:
    """Have axe at hand in every document that the page opens, at less cost than one by one."""
    page.add_init_script(_script())


@cache
def _script() -> str:
    return AXE.read_text(encoding="utf-8")

"""Contrast of a page's text, which takes axe most of its time: examined once where it is alike.

Whether text can be read follows from its colour, size and weight and from what is drawn behind it.
Where axe has passed text, other text of the same look needs no examination; text that it has not
passed, or could not decide on, is examined on every page.
"""

from typing import TypedDict

from playwright.sync_api import Page


class _Examined(TypedDict):
    problems: list[str]
    passed: list[str]


# Takes the looks that have passed, and has axe examine all visible text of another look.
_EXAMINE = """async (passed) => {
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
  const digests = new Map();
  const look = (element) => {
    const style = getComputedStyle(element);
    const control = element.matches("input, select, textarea") ? element.type : "";
    const whole = [
      style.color, style.fontSize, style.fontWeight, style.textShadow, style.webkitTextStroke,
      control, drawnBehind(element), beside(element),
    ].join("|");
    if (!digests.has(whole)) digests.set(whole, digest(whole));
    return digests.get(whole);
  };
  const hasText = (element) =>
    element.matches("input, select, textarea") ||
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  // A box of one pixel, or outside of the document, is for screen readers: nobody sees its text.
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    return (
      box.width > 1 && box.height > 1 && box.right + scrollX > 0 && box.bottom + scrollY > 0 &&
      element.checkVisibility({ visibilityProperty: true })
    );
  };
  const known = new Set(passed);
  const alike = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (!hasText(element) || !isSeen(element)) continue;
    const name = look(element);
    if (known.has(name)) continue;
    if (!alike.has(name)) alike.set(name, []);
    alike.get(name).push(element);
  }
  const problems = [];
  const results = { violations: new Set(), passes: new Set() };
  const examine = async (elements) => {
    if (!elements.length) return;
    const found = await axe.run(
      { include: elements },
      {
        runOnly: { type: "rule", values: ["color-contrast"] },
        resultTypes: ["violations", "passes"],
        elementRef: true,
      },
    );
    for (const kind of ["violations", "passes"])
      for (const node of found[kind].flatMap((result) => result.nodes)) {
        results[kind].add(node.element);
        if (kind === "violations")
          problems.push(`color-contrast: ${node.target} ${node.failureSummary}`);
      }
  };
  const passes = (elements) => elements.some((one) => results.passes.has(one));
  // One of each look, and all of a look that axe did not pass.
  await examine([...alike.values()].map(([one]) => one));
  const others = [...alike.values()].filter((elements) => !passes(elements));
  await examine(others.flatMap(([, ...more]) => more));
  return {
    problems,
    passed: [...alike].filter(
      ([, elements]) => passes(elements) && !elements.some((one) => results.violations.has(one)),
    ).map(([name]) => name),
  };
}"""

_passed: set[str] = set()


def unreadable(page: Page) -> list[str]:
    """Return which text of the page has too little contrast, a line a place; empty is good.

    axe must be there. What passed is remembered as long as the process.
    """
    examined: _Examined = page.evaluate(_EXAMINE, sorted(_passed))
    _passed.update(examined["passed"])
    return examined["problems"]

"""How a page reads aloud and by keyboard."""

from typing import Any

from playwright.sync_api import Page

# Pictures are not among them: axe knows which of them are decoration.
_NAMED_ROLES = frozenset(
    {"button", "link", "textbox", "searchbox", "checkbox", "radio", "combobox", "switch", "tab"}
    | {"menuitem", "table", "treegrid", "dialog", "navigation", "region"}
)

# Reaches each control as Tab does: focus shows, and nothing that stands still covers it. Of rows
# that are alike the first five stand for all.
_BY_KEYBOARD = """(within) => {
  const controls = "a[href], button, input, select, textarea, summary, [tabindex]";
  const shown = (one) => one.getClientRects().length > 0
    && one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
  const named = (one) => {
    const id = one.id ? `#${one.id}` : one.className?.toString().split(" ")[0] || "";
    return `${one.tagName.toLowerCase()} ${id} "${one.textContent.trim().slice(0, 40)}"`;
  };
  const repeated = (one) => one.closest("tbody > tr:nth-child(n + 6), ul > li:nth-child(n + 13)");
  const problems = [];
  const before = document.activeElement;
  const at = [scrollX, scrollY];
  for (const one of document.querySelector(within).querySelectorAll(controls)) {
    if (one.tabIndex > 0) problems.push(`tabindex changes the order: ${named(one)}`);
    if (one.tabIndex < 0 || one.disabled || one.type === "hidden") continue;
    if (repeated(one) || !shown(one)) continue;
    one.focus();
    if (document.activeElement !== one) {
      problems.push(`takes no focus: ${named(one)}`);
      continue;
    }
    const ringed = [one, one.closest("label"), one.parentElement].some((each) => {
      const style = each && getComputedStyle(each);
      return style && ((style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
        || style.boxShadow !== "none");
    });
    if (!ringed) problems.push(`focus is not seen: ${named(one)}`);
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(
      Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1),
      Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1)
    );
    const inSight = box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth;
    const stands = top && ["fixed", "sticky"].some((position) => {
      for (let each = top; each; each = each.parentElement) {
        if (getComputedStyle(each).position === position) return !each.contains(one);
      }
      return false;
    });
    if (inSight && stands && box.height < 300) problems.push(`is covered: ${named(one)}`);
  }
  for (const one of document.querySelectorAll("main *")) {
    if (repeated(one) || getComputedStyle(one).cursor !== "pointer" || !shown(one)) continue;
    if (one.closest(`${controls}, label, svg, .js-plotly-plot, [data-figure]`)) continue;
    if (!one.querySelector(controls)) problems.push(`only a pointer reaches ${named(one)}`);
  }
  if (before instanceof HTMLElement) before.focus(); else document.activeElement?.blur();
  scrollTo(...at);
  return [...new Set(problems)];
}"""


def by_keyboard(page: Page, within: str = "body") -> list[str]:
    """Return what the keyboard does not reach in a part, or reaches unseen; empty is good."""
    found: list[str] = page.evaluate(_BY_KEYBOARD, within)
    return found


def read_aloud(page: Page) -> list[str]:
    """Return what the accessibility tree lacks: names, landmarks, the order of headings."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return problems_of(nodes)


def problems_of(nodes: list[dict[str, Any]]) -> list[str]:
    """Return what nodes of an accessibility tree lack."""
    heard = [(_text(node, "role"), _text(node, "name"), node) for node in nodes if _is_heard(node)]
    problems = [
        f"a {role} has no name" for role, name, _ in heard if role in _NAMED_ROLES and not name
    ]
    mains = sum(1 for role, _, _ in heard if role == "main")
    if mains != 1:
        problems.append(f"{mains} main landmarks")
    levels = [(_level(node), name) for role, name, node in heard if role == "heading"]
    if sum(1 for level, _ in levels if level == 1) != 1:
        problems.append("not one heading of the first level")
    # Headings of the navigation stand before that of the page.
    first = next((at for at, (level, _) in enumerate(levels) if level == 1), 0)
    before = 1
    for level, name in levels[first:]:
        if level > before + 1:
            problems.append(f"heading {name!r} of level {level} follows level {before}")
        before = level
    return problems


def _is_heard(node: dict[str, Any]) -> bool:
    return not node.get("ignored", False)


def _text(node: dict[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value", "")).strip()


def _level(node: dict[str, Any]) -> int:
    for one in node.get("properties", []):
        if one["name"] == "level":
            return int(one["value"]["value"])
    return 0

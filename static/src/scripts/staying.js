// Parts that are read anew by themselves (a run's progress and rows) take the focus with them: it
// goes back to the control that took the place of the one that had it.
const CONTROLS = "a, button, input, select, summary";

function named(control) {
  return control.id || control.getAttribute("href") || control.getAttribute("aria-label") || control.textContent.trim();
}

export function startStaying() {
  let left = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const focused = document.activeElement;
    // Whoever pressed something is led on by what was pressed.
    const isPressed = Boolean(detail.requestConfig?.triggeringEvent);
    left = null;
    if (isPressed || !focused || !detail.target.id || !detail.target.contains(focused)) return;
    const row = focused.closest("tr");
    left = { part: detail.target.id, row: row && named(row.querySelector(CONTROLS) ?? row), control: named(focused) };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!left || document.activeElement !== document.body) return;
    const { part, row, control } = left;
    left = null;
    const controls = [...(document.getElementById(part)?.querySelectorAll(CONTROLS) ?? [])];
    const isSame = (one) => named(one) === control;
    const isThere = (one) => isSame(one) && (!row || named(one.closest("tr")?.querySelector(CONTROLS) ?? one) === row);
    (controls.find(isThere) ?? controls.find(isSame))?.focus({ preventScroll: true });
  });
}

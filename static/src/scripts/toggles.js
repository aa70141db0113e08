import { putIntoAddress } from "./addresses.js";

// Cards whose table is shown are in the address under this name, by what they are called.
const AS_TABLE = "as_table";

function cardOf(group) {
  return (group.getAttribute("aria-labelledby") ?? "").replace(/-title$/, "");
}

function show(group, view) {
  for (const other of group.querySelectorAll("[data-view]")) {
    other.setAttribute("aria-pressed", String(other.dataset.view === view));
  }
  for (const part of group.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== view;
  group.dispatchEvent(new CustomEvent("ow:view", { bubbles: true }));
}

function showTables() {
  for (const name of new URL(location.href).searchParams.getAll(AS_TABLE)) {
    const group = document.querySelector(`[data-views][aria-labelledby="${CSS.escape(`${name}-title`)}"]`);
    if (group?.querySelector('[data-view="table"][aria-pressed="false"]')) show(group, "table");
  }
}

// A group of buttons of which one is pressed shows one of several parts of a card:
// <div data-views> … <button data-view="table"> … <div data-part="table" hidden>.
export function startToggles() {
  showTables();
  document.addEventListener("htmx:afterSettle", showTables);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-view]");
    const group = button?.closest("[data-views]");
    if (!group) return;
    show(group, button.dataset.view);
    const name = cardOf(group);
    const query = new URLSearchParams();
    for (const one of new URL(location.href).searchParams.getAll(AS_TABLE)) if (one !== name) query.append(AS_TABLE, one);
    if (name && button.dataset.view === "table") query.append(AS_TABLE, name);
    putIntoAddress(query, [AS_TABLE], null, { step: false });
  });
  // Narrow pages show one of two parts: <div class="two-tabs" data-two-tabs="part"> … data-tab="picture".
  // Which one is in the address under the name given.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tab]");
    const both = button?.closest("[data-two-tabs]");
    if (!both) return;
    both.classList.toggle("picture", button.dataset.tab === "picture");
    for (const other of both.querySelectorAll("[data-tab]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const query = new URLSearchParams();
    if (button.dataset.tab === "picture") query.set(both.dataset.twoTabs, "picture");
    putIntoAddress(query, [both.dataset.twoTabs], null, { step: false });
    both.dispatchEvent(new CustomEvent("ow:view", { bubbles: true }));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unfold]");
    if (!button) return;
    const first = button.closest("tr");
    for (const row of document.querySelectorAll(`[data-fold="${button.dataset.unfold}"]`)) row.hidden = false;
    first.hidden = true;
  });
}

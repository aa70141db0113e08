import { say } from "./live.js";

// Tree tables: rows carry data-node and data-parent; a toggle shows or hides what is below.
function rowsOf(table) {
  return [...table.querySelectorAll("tr[data-node]")];
}

function apply(table) {
  const shown = new Map();
  for (const row of rowsOf(table)) {
    const parent = row.dataset.parent;
    const visible = !parent || !shown.has(parent) || shown.get(parent);
    row.hidden = !visible;
    const toggle = row.querySelector(".toggle");
    const open = !toggle || toggle.getAttribute("aria-expanded") === "true";
    shown.set(row.dataset.node, visible && open);
  }
}

function set(toggle, open) {
  const row = toggle.closest("tr");
  toggle.setAttribute("aria-expanded", String(open));
  if (row.hasAttribute("aria-expanded")) row.setAttribute("aria-expanded", String(open));
  if (open && row.dataset.load) load(row, row.dataset.load);
  apply(toggle.closest("table"));
}

// Rows below a node are read when it is first opened; a failure leaves it closed, to try again.
function load(row, address) {
  delete row.dataset.load;
  const toggle = row.querySelector(".toggle");
  const isMore = !toggle;
  const swap = isMore ? "outerHTML" : "afterend";
  row.setAttribute("aria-busy", "true");
  const failed = () => {
    row.dataset.load = address;
    row.removeAttribute("aria-busy");
    toggle?.setAttribute("aria-expanded", "false");
    if (row.hasAttribute("aria-expanded")) row.setAttribute("aria-expanded", "false");
    say("The rows could not be read. Try again.");
  };
  row.addEventListener("htmx:responseError", failed, { once: true });
  row.addEventListener("htmx:sendError", failed, { once: true });
  window.htmx
    .ajax("GET", address, { source: row, target: row, swap })
    .finally(() => row.removeAttribute("aria-busy"));
}

export function startTrees() {
  document.querySelector("table.tree tr.selected")?.scrollIntoView({ block: "center" });
  for (const table of document.querySelectorAll("table.tree")) apply(table);
  document.addEventListener("htmx:afterSettle", () => {
    for (const table of document.querySelectorAll("table.tree")) apply(table);
  });
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("table.tree .toggle");
    if (toggle) set(toggle, toggle.getAttribute("aria-expanded") !== "true");
    const more = event.target.closest("table.tree [data-load-here]");
    if (more) load(more.closest("tr"), more.dataset.loadHere);
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("table.tree tr[data-node]");
    if (!row || event.target.matches("input, select")) return;
    const toggle = row.querySelector(".toggle");
    const rows = rowsOf(row.closest("table")).filter((other) => !other.hidden);
    const at = rows.indexOf(row);
    const focus = (other) => (other?.querySelector(".toggle") ?? other?.querySelector("a, button"))?.focus();
    if (event.key === "ArrowDown") focus(rows[at + 1]);
    else if (event.key === "ArrowUp") focus(rows[at - 1]);
    else if (event.key === "ArrowRight" && toggle?.getAttribute("aria-expanded") === "false") set(toggle, true);
    else if (event.key === "ArrowLeft" && toggle?.getAttribute("aria-expanded") === "true") set(toggle, false);
    else if (event.key === "ArrowLeft") focus(rows.find((other) => other.dataset.node === row.dataset.parent));
    else return;
    event.preventDefault();
  });
}

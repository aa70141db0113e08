import { putIntoAddress } from "./addresses.js";
import { say } from "./live.js";

// Tree tables: rows carry data-node and data-parent; a toggle shows or hides what is below. Keys as
// in the treegrid pattern of WAI-ARIA: the table is one stop of the Tab key, arrows, Home and End
// go from row to row, right opens and left closes, and Tab goes through what is in a row.
const CONTROLS = "a, button, [tabindex]";

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
  rove(table);
}

// Only what is in one row, the current one, is reached by Tab.
function rove(table, chosen) {
  const rows = rowsOf(table);
  const visible = (row) => row?.isConnected && !row.hidden;
  const marked = chosen ?? rows.find((row) => row.hasAttribute("data-current"));
  const current = visible(marked) ? marked : (rows.find((row) => visible(row) && row.matches(".selected")) ?? rows.find(visible));
  for (const row of rows) {
    row.toggleAttribute("data-current", row === current);
    const reached = row === current ? "0" : "-1";
    for (const control of row.querySelectorAll(CONTROLS)) {
      if (control.getAttribute("tabindex") !== reached) control.setAttribute("tabindex", reached);
    }
  }
}

function set(toggle, open) {
  const row = toggle.closest("tr");
  toggle.setAttribute("aria-expanded", String(open));
  if (row.hasAttribute("aria-expanded")) row.setAttribute("aria-expanded", String(open));
  if (open && row.dataset.load) load(row, row.dataset.load);
  apply(toggle.closest("table"));
  keep(toggle.closest("table"));
}

// What was opened and closed by hand, and how many accounts a node shows beyond the first, goes into
// the address: `open=ou-1,ou-2:150&closed=ou-3`. Going back leaves the page, it undoes no click.
const MOST_KEPT = 100;
const MOST_SHOWN = 500;

function keep(table) {
  const atOnce = Number(table.dataset.keepsOpen);
  if (!atOnce) return;
  const shown = new Map();
  const fromTheFirst = new Map();
  const opened = [];
  const closed = [];
  for (const { dataset } of rowsOf(table)) {
    if (/^\d{12}$/.test(dataset.node)) shown.set(dataset.parent, (shown.get(dataset.parent) ?? 0) + 1);
    else if (dataset.node.startsWith("before-")) fromTheFirst.set(dataset.parent, false);
  }
  for (const row of rowsOf(table)) {
    const open = row.querySelector(".toggle")?.getAttribute("aria-expanded");
    const id = row.dataset.node;
    const byItself = row.hasAttribute("data-opens");
    const many = shown.get(id) > atOnce && fromTheFirst.get(id) !== false;
    if (open === "true" && many) opened.push(`${id}:${Math.min(shown.get(id), MOST_SHOWN)}`);
    else if (open === "true" && !byItself) opened.push(id);
    else if (open === "false" && byItself) closed.push(id);
  }
  const query = new URLSearchParams();
  if (opened.length) query.set("open", opened.slice(0, MOST_KEPT).join(","));
  if (closed.length) query.set("closed", closed.slice(0, MOST_KEPT).join(","));
  putIntoAddress(query, ["open", "closed"], null, { step: false });
}

// Rows below a node are read when it is first opened; a failure leaves it closed, to try again.
function load(row, address) {
  delete row.dataset.load;
  const table = row.closest("table");
  const toggle = row.querySelector(".toggle");
  const isMore = !toggle;
  const before = isMore && row.contains(document.activeElement) ? row.previousElementSibling : null;
  const swap = isMore ? "outerHTML" : "afterend";
  row.setAttribute("aria-busy", "true");
  const failed = () => {
    row.dataset.load = address;
    row.removeAttribute("aria-busy");
    toggle?.setAttribute("aria-expanded", "false");
    if (row.hasAttribute("aria-expanded")) row.setAttribute("aria-expanded", "false");
    keep(table);
    say("The rows could not be read. Try again.");
  };
  row.addEventListener("htmx:responseError", failed, { once: true });
  row.addEventListener("htmx:sendError", failed, { once: true });
  window.htmx.ajax("GET", address, { source: row, target: row, swap }).finally(() => {
    row.removeAttribute("aria-busy");
    // The button that was pressed is gone: go on with the first row that took its place.
    if (before && !row.isConnected) focus(table, before.nextElementSibling);
    if (isMore) keep(table);
  });
}

function focus(table, row) {
  if (!row) return;
  rove(table, row);
  (row.querySelector(".toggle") ?? row.querySelector("a, button"))?.focus();
}

// Marks a row and opens the way to it; false where the table does not hold it.
function select(id) {
  const row = document.querySelector(`table.tree tr[id="node-${CSS.escape(id)}"]`);
  if (!row) return false;
  const table = row.closest("table");
  for (const other of table.querySelectorAll("tr.selected")) {
    other.classList.remove("selected");
    other.removeAttribute("aria-selected");
  }
  row.classList.add("selected");
  row.setAttribute("aria-selected", "true");
  const rows = rowsOf(table);
  const above = (one) => rows.find((other) => other.dataset.node === one.dataset.parent);
  for (let at = above(row); at; at = above(at)) {
    const toggle = at.querySelector(".toggle");
    if (toggle?.getAttribute("aria-expanded") === "false") set(toggle, true);
  }
  rove(table, row);
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function keyed(event, row) {
  const table = row.closest("table");
  const toggle = row.querySelector(".toggle");
  const rows = rowsOf(table).filter((other) => !other.hidden);
  const at = rows.indexOf(row);
  const expanded = toggle?.getAttribute("aria-expanded");
  if (event.key === "ArrowDown") focus(table, rows[at + 1]);
  else if (event.key === "ArrowUp") focus(table, rows[at - 1]);
  else if (event.key === "Home") focus(table, rows[0]);
  else if (event.key === "End") focus(table, rows.at(-1));
  else if (event.key === "ArrowRight" && expanded === "false") set(toggle, true);
  else if (event.key === "ArrowRight") focus(table, rows.find((other) => other.dataset.parent === row.dataset.node));
  else if (event.key === "ArrowLeft" && expanded === "true") set(toggle, false);
  else if (event.key === "ArrowLeft") focus(table, rows.find((other) => other.dataset.node === row.dataset.parent));
  else return;
  event.preventDefault();
}

export function startTrees() {
  document.querySelector("table.tree tr.selected")?.scrollIntoView({ block: "center" });
  for (const table of document.querySelectorAll("table.tree")) apply(table);
  document.addEventListener("htmx:afterSettle", () => {
    for (const table of document.querySelectorAll("table.tree")) apply(table);
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest("table.tree tr[data-node]");
    if (row) rove(row.closest("table"), row);
    const toggle = event.target.closest("table.tree .toggle");
    if (toggle) set(toggle, toggle.getAttribute("aria-expanded") !== "true");
    const more = event.target.closest("table.tree [data-load-here]");
    if (more) load(more.closest("tr"), more.dataset.loadHere);
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("table.tree tr[data-node]");
    if (row && !event.target.matches("input, select")) keyed(event, row);
  });
  document.addEventListener("ow:select", (event) => {
    if (select(event.detail.id)) event.preventDefault();
  });
}

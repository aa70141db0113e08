import { putIntoAddress } from "./addresses.js";
import { say } from "./live.js";

// The table of edges: a row chosen on a wide page is shown in the panel beside it and goes into the
// address; on a narrow one the link leads to the edge's own page.
const WIDE = "(min-width: 768px)";

function panel() {
  return document.getElementById("edge-panel");
}

function rows() {
  return document.querySelectorAll("tr[data-edge]");
}

function mark(key) {
  for (const row of rows()) {
    const chosen = key !== "" && row.dataset.edge === key;
    row.classList.toggle("selected", chosen);
    if (chosen) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
  }
}

function keep(key) {
  const query = new URLSearchParams();
  if (key) query.set("edge", key);
  putIntoAddress(query, ["edge"], null);
}

async function show(link) {
  const row = link.closest("tr[data-edge]");
  await window.htmx.ajax("GET", link.dataset.panel, { source: link, target: "#edge-panel", swap: "innerHTML" });
  const title = panel().querySelector(".lead");
  if (!title) return;
  mark(row.dataset.edge);
  keep(row.dataset.edge);
  say(title.textContent);
}

function close() {
  const key = new URLSearchParams(location.search).get("edge");
  panel().replaceChildren();
  mark("");
  keep("");
  document.querySelector(`tr[data-edge="${key}"] a[data-panel]`)?.focus();
}

function plain(event) {
  return !(event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button);
}

document.addEventListener("click", (event) => {
  if (!plain(event) || !panel() || !matchMedia(WIDE).matches) return;
  if (event.target.closest("[data-close-panel]")) {
    event.preventDefault();
    close();
    return;
  }
  const row = event.target.closest("[data-trust] tr[data-edge]");
  const other = event.target.closest("a, button, td.tick");
  const link = row?.querySelector("a[data-panel]");
  if (!link || (other && other !== link)) return;
  event.preventDefault();
  show(link);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel()?.firstElementChild && !event.defaultPrevented) close();
});

window.addEventListener("popstate", (event) => {
  if (event.state?.ow) location.reload();
});

import { putIntoAddress } from "./addresses.js";
import { choose, mark } from "./exploring.js";
import { say } from "./live.js";

// The picture beside the tree: what is picked in it is read anew and goes into the address; what
// is chosen in it is selected in the tree.
const PICKED = ["measure", "picture", "within", "first", "assume", "at", "size"];

function picture() {
  return document.getElementById("picture");
}

function partAddress(query) {
  return `${document.querySelector("[data-picture]").dataset.picture}?${query}`;
}

// What was followed is drawn anew, or gone: the focus goes to its like, else to the picture.
function focusAgain(key) {
  const alike = [...picture().querySelectorAll(`[data-follow-key="${key}"]`)];
  const link = alike.find((one) => one.hasAttribute("aria-current")) ?? alike[0];
  const target = link?.closest(".menu")?.querySelector("summary") ?? link;
  const visible = target && target.offsetParent !== null;
  (visible ? target : picture().querySelector(".chart-plot, .table-box"))?.focus();
}

async function follow(href, key) {
  const query = new URL(href, location.href).searchParams;
  const here = new URL(location.href).searchParams;
  const changed = PICKED.filter((name) => String(query.getAll(name)) !== String(here.getAll(name)));
  await window.htmx.ajax("GET", partAddress(query), { source: picture(), target: "#picture", swap: "outerHTML" });
  if (picture().querySelector("[data-failed]:not([hidden])")) return;
  putIntoAddress(query, changed, picture());
  focusAgain(key);
  say(picture().querySelector("h2").textContent);
}

function select(part) {
  const found = new CustomEvent("ow:select", { cancelable: true, detail: { id: part.id } });
  const query = new URL(part.href, location.href).searchParams;
  if (document.dispatchEvent(found)) {
    // The tree does not show it yet: the page is read with the way to it opened.
    query.delete("closed");
    location.search = query;
    return;
  }
  putIntoAddress(query, ["at"], null);
  for (const chart of document.querySelectorAll("#picture [data-selected]")) {
    chart.dataset.selected = part.id;
    mark(chart.querySelector(".chart-plot"));
  }
  offerToDraw(part);
  say(`${part.name} is selected in the tree`);
}

function offerToDraw(part) {
  const line = document.querySelector("#picture [data-draw-line]");
  if (!line) return;
  line.hidden = !part.draws;
  if (!part.draws) return;
  line.querySelector("a").setAttribute("href", part.draws);
  line.querySelector("[data-draw-name]").textContent = part.name;
}

// What a part of the figure says of itself; a link beside it knows only its id.
function partOf(id) {
  const holder = document.querySelector("#picture [data-figure]");
  if (!holder) return {};
  const trace = JSON.parse(document.getElementById(holder.dataset.figure).textContent).data[0];
  const index = trace.ids.indexOf(id);
  return index === -1 ? {} : { draws: trace.customdata[index][3], name: trace.labels[index] };
}

function fail(event) {
  const target = event.detail.target ?? event.target;
  const failed = target?.id === "picture" && target.querySelector("[data-failed]");
  if (target?.id !== "picture") return;
  if (!failed) {
    say("The picture could not be read. Try again.");
    return;
  }
  failed.hidden = false;
  target.querySelector("[data-loading]").hidden = true;
}

export function startPicture() {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    if (!document.querySelector("[data-picture]")) return;
    const link = event.target.closest("#picture [data-follow]");
    const retry = event.target.closest("#picture [data-failed] a");
    const chosen = event.target.closest("#picture [data-select]");
    if (link) follow(link.href, link.dataset.followKey);
    else if (retry) window.htmx.ajax("GET", retry.href, { source: picture(), target: "#picture", swap: "outerHTML" });
    else if (chosen) choose({ id: chosen.dataset.select, name: chosen.textContent, href: chosen.href, ...partOf(chosen.dataset.select) });
    else return;
    event.preventDefault();
  });
  document.addEventListener("ow:choose", (event) => {
    if (!document.querySelector("[data-picture]")) return;
    event.preventDefault();
    const part = event.detail;
    // What stands for many is opened; it is no node that could be selected.
    if (part.draws && part.draws === part.href) follow(part.href, "");
    else select(part);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "picture") return;
    // A class, since `:has()` has the browser style the tree anew for each text that is drawn here.
    event.target.closest(".columns")?.classList.toggle("with-large", event.target.classList.contains("large"));
    const selected = event.target.querySelector("[data-selected]");
    if (selected && selected.dataset.selected) offerToDraw(partOf(selected.dataset.selected));
  });
  document.addEventListener("htmx:responseError", fail);
  document.addEventListener("htmx:sendError", fail);
}

import { say } from "./live.js";

// Lets people go through the parts of a hierarchy (icicle, treemap, sunburst) with mouse and keys.
// A card beside the part tells what it is, the same on hover and on focus; choosing a part tells
// the page by the event `ow:choose`, and without anybody who listens follows the part's address.
const SIDE = 8;

function partsOf(trace) {
  const parts = new Map();
  trace.ids.forEach((id, index) => {
    const [href, said, sized, draws] = trace.customdata[index];
    parts.set(id, { id, href, said, sized, draws, name: trace.labels[index], parent: trace.parents[index], children: [] });
  });
  for (const part of parts.values()) parts.get(part.parent)?.children.push(part);
  return parts;
}

function slices(plot) {
  const found = new Map();
  for (const slice of plot.querySelectorAll("g.slice")) {
    const id = slice.__data__?.data?.data?.id;
    if (id) found.set(id, slice);
  }
  return found;
}

// Outlines a part: a copy of its path on top of all others, since a stroke is cut by neighbours.
function outline(plot, id, name) {
  for (const old of plot.querySelectorAll(`path.${name}`)) old.remove();
  const slice = id ? slices(plot).get(id) : null;
  const path = slice?.querySelector("path.surface");
  if (!path) return;
  const copy = path.cloneNode();
  copy.removeAttribute("style");
  copy.setAttribute("class", name);
  copy.setAttribute("transform", slice.getAttribute("transform") ?? "");
  slice.parentNode.append(copy);
}

// Marks the part that is selected on the page, and the one the keys are at.
export function mark(plot) {
  outline(plot, plot.closest("[data-selected]")?.dataset.selected, "mark-selected");
  outline(plot, document.activeElement === plot ? plot.dataset.current : "", "mark-current");
}

function showCard(plot, part) {
  let card = plot.parentNode.querySelector(".chart-card");
  if (!card) {
    card = document.createElement("div");
    card.className = "chart-card";
    card.setAttribute("aria-hidden", "true");
    plot.parentNode.append(card);
  }
  card.replaceChildren();
  for (const [tag, text] of [["b", part.name], ["span", part.sized], ["span", part.said]]) {
    const line = document.createElement(tag);
    line.textContent = text;
    card.append(line);
  }
  const path = slices(plot).get(part.id)?.querySelector("path.surface");
  if (!path) return;
  const at = path.getBoundingClientRect();
  const around = plot.parentNode.getBoundingClientRect();
  const middle = at.left - around.left + at.width / 2 - card.offsetWidth / 2;
  const left = Math.max(SIDE, Math.min(middle, around.width - card.offsetWidth - SIDE));
  const below = at.bottom - around.top + SIDE;
  const fits = below + card.offsetHeight < around.height;
  const top = fits ? below : Math.max(SIDE, at.top - around.top - card.offsetHeight - SIDE);
  card.style.setProperty("left", `${left}px`);
  card.style.setProperty("top", `${top}px`);
}

function hideCard(plot) {
  plot.parentNode.querySelector(".chart-card")?.remove();
}

export function choose(part) {
  const event = new CustomEvent("ow:choose", { bubbles: true, cancelable: true, detail: part });
  if (document.dispatchEvent(event) && part.href) location.href = part.href;
}

function next(parts, part, key) {
  const siblings = parts.get(part.parent)?.children ?? [part];
  const place = siblings.indexOf(part);
  if (key === "ArrowRight") return part.children[0];
  if (key === "ArrowLeft") return parts.get(part.parent);
  if (key === "ArrowDown") return siblings[place + 1];
  if (key === "ArrowUp") return siblings[place - 1];
  if (key === "Home") return parts.values().next().value;
  if (key === "End") return siblings.at(-1);
  return undefined;
}

export function explore(plot, trace) {
  const parts = partsOf(trace);
  const at = (id) => parts.get(id) ?? parts.values().next().value;
  const go = (part) => {
    plot.dataset.current = part.id;
    mark(plot);
    showCard(plot, part);
    say(`${part.name}, ${part.sized}, ${part.said}`);
  };
  plot.on(`plotly_${trace.type}click`, (event) => {
    const part = parts.get(event.points?.[0]?.id);
    if (part) choose(part);
    return false; // a click leads on; the picture itself never zooms into a part
  });
  plot.on("plotly_hover", (event) => {
    const part = parts.get(event.points?.[0]?.id);
    if (part) showCard(plot, part);
  });
  plot.on("plotly_unhover", () => hideCard(plot));
  plot.addEventListener("focus", () => go(at(plot.dataset.current || plot.closest("[data-selected]")?.dataset.selected)));
  plot.addEventListener("blur", () => {
    hideCard(plot);
    mark(plot);
  });
  plot.addEventListener("keydown", (event) => {
    const part = at(plot.dataset.current);
    if (event.key === "Enter" || event.key === " ") choose(part);
    else if (event.key === "Escape") hideCard(plot);
    else {
      const other = next(parts, part, event.key);
      if (other) go(other);
      else if (!event.key.startsWith("Arrow")) return;
    }
    event.preventDefault();
  });
}

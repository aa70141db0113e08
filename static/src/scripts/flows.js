import { say } from "./live.js";

// Lets people go through the bands of a sankey with mouse and keys: a card tells what a band is,
// Enter or a click filters the table by it. The bands are in the order of the table beside.
const SIDE = 8;

function bands(plot) {
  const found = [];
  for (const path of plot.querySelectorAll("path.sankey-link")) {
    const number = path.__data__?.link?.pointNumber ?? path.__data__?.pointNumber;
    if (number !== undefined) found[number] = path;
  }
  return found;
}

function card(plot, number, [, name, counted, said]) {
  let shown = plot.parentNode.querySelector(".chart-card");
  if (!shown) {
    shown = document.createElement("div");
    shown.className = "chart-card";
    shown.setAttribute("aria-hidden", "true");
    plot.parentNode.append(shown);
  }
  shown.replaceChildren();
  for (const [tag, text] of [["b", name], ["span", counted], ["span", said]]) {
    const line = document.createElement(tag);
    line.textContent = text;
    shown.append(line);
  }
  const path = bands(plot)[number];
  if (!path) return;
  const at = path.getBoundingClientRect();
  const around = plot.parentNode.getBoundingClientRect();
  const left = at.left - around.left + at.width / 2 - shown.offsetWidth / 2;
  const top = at.top - around.top + at.height / 2;
  shown.style.setProperty("left", `${Math.max(SIDE, Math.min(left, around.width - shown.offsetWidth - SIDE))}px`);
  shown.style.setProperty("top", `${Math.max(SIDE, Math.min(top, around.height - shown.offsetHeight - SIDE))}px`);
}

function hide(plot) {
  plot.parentNode.querySelector(".chart-card")?.remove();
}

// Names stand beside the picture, where no band runs under them; on a narrow page they are cut.
const NARROW = 560;
const LONGEST = 13;

export function fitted(figure, width) {
  if (width >= NARROW) return figure;
  const margin = { ...figure.layout.margin, l: 108, r: 106 };
  return { ...figure, layout: { ...figure.layout, margin } };
}

export function placeNames(plot) {
  const isNarrow = plot.clientWidth < NARROW;
  for (const node of plot.querySelectorAll("g.sankey-node")) {
    const text = node.querySelector("text.node-label");
    const box = node.querySelector("rect.node-rect");
    if (!text || !box) continue;
    const width = Number(box.getAttribute("width"));
    const isLeft = node.__data__.node.sourceLinks.length > 0;
    const middle = Number(box.getAttribute("height")) / 2 + 4;
    text.setAttribute("text-anchor", isLeft ? "end" : "start");
    text.setAttribute("transform", `translate(${isLeft ? -6 : width + 6}, ${middle})`);
    text.setAttribute("x", "0");
    text.setAttribute("y", "0");
    const whole = node.__data__.node.label.replaceAll("&lt;", "<").replaceAll("&amp;", "&");
    const cut = whole.lastIndexOf("  ");
    const short = isNarrow && cut > LONGEST ? `${whole.slice(0, LONGEST - 1)}…${whole.slice(cut)}` : whole;
    text.textContent = short;
  }
}

function outline(plot, number, name) {
  const path = bands(plot)[number];
  if (!path) return;
  const copy = path.cloneNode();
  copy.removeAttribute("style");
  copy.setAttribute("class", name);
  path.parentNode.append(copy);
}

// Outlines the bands that the address selects, and the one the keys are at.
export function markBand(plot) {
  for (const old of plot.querySelectorAll("path.mark-current, path.mark-selected")) old.remove();
  for (const number of JSON.parse(plot.dataset.chosen ?? "[]")) outline(plot, number, "mark-selected");
  const number = plot.dataset.current;
  if (document.activeElement === plot && number !== undefined) outline(plot, Number(number), "mark-current");
}

export function exploreBands(plot, trace) {
  const told = trace.link.customdata;
  plot.dataset.chosen = JSON.stringify(trace.meta?.selected ?? []);
  placeNames(plot);
  markBand(plot);
  const go = (number) => {
    plot.dataset.current = String(number);
    markBand(plot);
    card(plot, number, told[number]);
    say(told[number].slice(1).join(", "));
  };
  plot.on("plotly_click", (event) => {
    const point = event.points?.[0];
    const href = Array.isArray(point?.customdata) ? point.customdata[0] : point?.customdata;
    if (typeof href === "string" && href) location.href = href;
  });
  plot.on("plotly_hover", (event) => {
    const point = event.points?.[0];
    if (Array.isArray(point?.customdata)) card(plot, point.pointNumber, point.customdata);
  });
  plot.on("plotly_unhover", () => hide(plot));
  plot.addEventListener("focus", () => go(Number(plot.dataset.current ?? 0)));
  plot.addEventListener("blur", () => {
    hide(plot);
    markBand(plot);
  });
  plot.addEventListener("keydown", (event) => {
    const number = Number(plot.dataset.current ?? 0);
    const last = told.length - 1;
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") location.href = told[number][0];
    else if (event.key === "Escape") hide(plot);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(last);
    else if (step !== undefined) go(Math.max(0, Math.min(last, number + step)));
    else return;
    event.preventDefault();
    if (event.key === "Escape") event.stopPropagation();
  });
}

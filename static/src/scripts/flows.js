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

export function markBand(plot) {
  for (const old of plot.querySelectorAll("path.mark-current")) old.remove();
  const number = plot.dataset.current;
  if (document.activeElement !== plot || number === undefined) return;
  const path = bands(plot)[Number(number)];
  if (!path) return;
  const copy = path.cloneNode();
  copy.removeAttribute("style");
  copy.setAttribute("class", "mark-current");
  path.parentNode.append(copy);
}

export function exploreBands(plot, trace) {
  const told = trace.link.customdata;
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

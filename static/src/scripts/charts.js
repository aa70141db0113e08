import { startAddresses } from "./addresses.js";
import { explore, mark } from "./exploring.js";
import { exploreHeatmap, markCell } from "./heatmaps.js";
import { exploreBands, fitted, markBand, placeNames } from "./flows.js";
import { startPicture } from "./picture.js";

// Draws the charts of a page from their JSON. Colours in it are names of tokens, `var(--ow-…)`;
// they are read when drawn and again when the theme changes. Plotly itself is loaded with the first
// chart that is drawn: before, a page can be used while it is read.
const HIERARCHIES = ["icicle", "treemap", "sunburst"];
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

// Asking the browser for a colour has it work out the page's styles: once for each is enough.
const colours = new Map();

function colour(token) {
  if (!colours.has(token)) {
    probe.style.color = token;
    colours.set(token, getComputedStyle(probe).color);
  }
  return colours.get(token);
}

const plotlyAddress = document.currentScript.dataset.plotly;
let loading;

function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = plotlyAddress;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      loading = undefined;
      reject(new Error(`${plotlyAddress} cannot be loaded`));
    });
    document.head.append(script);
  });
  return loading;
}

function withColours(value) {
  if (typeof value === "string") return value.startsWith("var(--ow-") ? colour(value) : value;
  if (Array.isArray(value)) return value.map(withColours);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withColours(inner)]));
  }
  return value;
}

function figureOf(chart) {
  return JSON.parse(document.getElementById(chart.dataset.figure).textContent);
}

// Plotly takes tags in names for markup, links included: names are text.
const plain = (name) => (typeof name === "string" ? name.replaceAll("&", "&amp;").replaceAll("<", "&lt;") : name);

function withPlainTicks(layout) {
  const axes = ["xaxis", "yaxis"].filter((name) => layout[name]?.ticktext);
  return { ...layout, ...Object.fromEntries(axes.map((name) => [name, { ...layout[name], ticktext: layout[name].ticktext.map(plain) }])) };
}

function withPlainNames(traces) {
  return traces.map((trace) => ({
    ...trace,
    ...(trace.labels ? { labels: trace.labels.map(plain) } : {}),
    ...(Array.isArray(trace.x) ? { x: trace.x.map(plain) } : {}),
    ...(trace.node ? { node: { ...trace.node, label: trace.node.label.map(plain) } } : {}),
  }));
}

function isDrawnForItsWidth(plot) {
  const drawn = plot.querySelector(".main-svg");
  return drawn !== null && Math.abs(drawn.getBoundingClientRect().width - plot.clientWidth) <= 1;
}

async function draw(chart) {
  if (chart.offsetParent === null) return;
  const { react, relayout } = await plotly();
  const plot = chart.querySelector(".chart-plot");
  const read = withColours(figureOf(chart));
  // A figure that says how high it is grows with its rows.
  if (read.layout.height) plot.style.setProperty("height", `${read.layout.height}px`);
  const figure = read.data[0].type === "sankey" ? fitted(read, plot.clientWidth) : read;
  await react(plot, withPlainNames(figure.data), withPlainTicks(figure.layout), {
    displayModeBar: false,
    responsive: true,
    scrollZoom: false,
    doubleClick: false,
  });
  // Plotly follows the window by itself, but not while the chart is hidden.
  if (!isDrawnForItsWidth(plot)) await relayout(plot, { autosize: true });
  mark(plot);
  markCell(plot);
  if (plot.dataset.listens) return;
  plot.dataset.listens = "yes";
  plot.on("plotly_afterplot", () => mark(plot));
  if (figure.data[0].type === "sankey") {
    plot.on("plotly_afterplot", () => {
      placeNames(plot);
      markBand(plot);
    });
    exploreBands(plot, figure.data[0]);
    return;
  }
  if (figure.data[0].type === "heatmap" && figure.data[0].meta) {
    exploreHeatmap(plot, figure.data[0]);
    return;
  }
  if (HIERARCHIES.includes(figure.data[0].type)) {
    explore(plot, figure.data[0]);
    return;
  }
  plot.on("plotly_click", (event) => {
    const address = event.points?.[0]?.customdata?.[0];
    if (typeof address === "string" && address) location.href = address;
  });
}

function drawAll() {
  for (const chart of document.querySelectorAll("[data-figure]")) draw(chart);
}

// A wider window may show charts that were never drawn.
function drawWhatAppeared() {
  for (const chart of document.querySelectorAll("[data-figure]")) {
    if (!chart.querySelector(".main-svg")) draw(chart);
  }
}

startAddresses();
startPicture();
drawAll();
document.addEventListener("ow:theme", () => {
  colours.clear();
  drawAll();
});
document.addEventListener("ow:view", drawAll);
document.addEventListener("htmx:afterSettle", drawAll);
addEventListener("resize", drawWhatAppeared);

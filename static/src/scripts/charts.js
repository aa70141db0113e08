// Draws the charts of a page from their JSON. Colours in it are names of tokens, `var(--ow-…)`;
// they are read when drawn and again when the theme changes. Plotly itself is loaded beside this.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

function colour(token) {
  probe.style.color = token;
  return getComputedStyle(probe).color;
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

async function draw(chart) {
  if (chart.offsetParent === null) return;
  const plot = chart.querySelector(".chart-plot");
  const figure = withColours(figureOf(chart));
  await window.Plotly.react(plot, figure.data, figure.layout, {
    displayModeBar: false,
    responsive: true,
    scrollZoom: false,
    doubleClick: false,
  });
  if (plot.dataset.listens) return;
  plot.dataset.listens = "yes";
  const go = (event) => {
    const address = event.points?.[0]?.customdata?.[0];
    if (typeof address === "string" && address) location.href = address;
    return false;
  };
  // A click leads on; the picture itself never zooms into a part.
  for (const name of ["plotly_icicleclick", "plotly_treemapclick"]) plot.on(name, go);
  plot.on("plotly_click", (event) => {
    if (!["icicle", "treemap"].includes(event.points?.[0]?.data?.type)) go(event);
  });
}

function drawAll() {
  for (const chart of document.querySelectorAll("[data-figure]")) draw(chart);
}

drawAll();
document.addEventListener("ow:theme", drawAll);
document.addEventListener("ow:view", drawAll);
document.addEventListener("htmx:afterSettle", drawAll);

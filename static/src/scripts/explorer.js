import cytoscape from "cytoscape";
import { putIntoAddress, startAddresses } from "./addresses.js";
import { say } from "./live.js";

// Draws the graph of trust from JSON whose places the server worked out. Opening or closing a box
// reads the graph anew and goes into the address; keys go from box to box.
const ZOOM = 1.3;
const THICKEST = 8;
// From so many lines on, lines are drawn as the cheapest there are, and of a chosen box its own alone.
const MANY = 1500;
let graph = null;
let current = "";

function colour(name) {
  const probe = document.createElement("span");
  probe.style.setProperty("color", `var(--ow-${name})`);
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function styles() {
  const [ink, ink2, line, surface, sunken, accent, bad, page] = [
    "ink", "ink-2", "line-strong", "surface", "sunken", "accent", "bad", "page",
  ].map(colour);
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle", width: 168, height: 34, "background-color": surface,
        "border-width": 1, "border-color": line, label: "data(shown)", color: ink,
        "font-family": "Inter, sans-serif", "font-size": 12, "text-valign": "center",
        "text-halign": "center", "text-max-width": 156, "text-wrap": "ellipsis",
        // Smaller than that nobody reads it, and drawing it takes the most time of all.
        "min-zoomed-font-size": 5,
      },
    },
    { selector: "node[kind = 'outside']", style: { "background-color": sunken } },
    { selector: "node[kind = 'role'], node[kind = 'resource']", style: { color: ink2 } },
    {
      selector: ":parent",
      style: {
        "background-color": page, "text-valign": "top", "text-margin-y": 21, "font-weight": 600,
        padding: "28px", "text-max-width": 400,
      },
    },
    {
      selector: "edge",
      style: {
        width: "data(width)", "line-color": line, "target-arrow-color": line,
        "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "straight", opacity: 0.8,
      },
    },
    { selector: "edge[findings > 0]", style: { "line-color": bad, "target-arrow-color": bad } },
    { selector: "edge[state = 'blocked']", style: { "line-style": "dashed" } },
    { selector: "edge[many]", style: { "curve-style": "haystack", "haystack-radius": 0, opacity: 1, "line-opacity": 0.5 } },
    {
      selector: "edge.near",
      style: {
        "line-color": accent, "target-arrow-color": accent, "curve-style": "straight", opacity: 1, "line-opacity": 1,
        "z-index": 9, "z-compound-depth": "top",
      },
    },
    { selector: "edge.near[findings > 0]", style: { "line-color": bad, "target-arrow-color": bad } },
    { selector: ".far", style: { opacity: 0.15 } },
    { selector: "edge[many].far", style: { visibility: "hidden" } },
    { selector: ".current", style: { "border-width": 3, "border-color": accent } },
  ];
}

function elements(data) {
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const holds = (outer, inner) => {
    for (let at = nodes.get(inner)?.parent; at; at = nodes.get(at)?.parent) if (at === outer) return true;
    return false;
  };
  const many = data.edges.length > MANY ? { many: true } : {};
  const most = Math.max(50, ...data.edges.map((edge) => edge.count));
  return [
    ...data.nodes.map((node) => ({
      data: { ...node, parent: node.parent ?? undefined, shown: `${node.label}${node.toggle ? (node.open ? "  −" : "  +") : ""}` },
      ...(node.x === null ? {} : { position: { x: node.x, y: node.y } }),
    })),
    // A line from a box to what is in it would lie under the box; the table has it.
    ...data.edges
      .filter((edge) => !holds(edge.source, edge.target) && !holds(edge.target, edge.source))
      .map((edge, number) => ({
        data: { ...edge, ...many, id: `edge-${number}`, width: 1 + (THICKEST - 1) * Math.sqrt(edge.count / most) },
      })),
  ];
}

function container() {
  return document.querySelector("[data-graph]");
}

function draw() {
  const box = container();
  graph?.destroy();
  graph = null;
  if (!box || box.offsetParent === null) return;
  const data = JSON.parse(document.getElementById(box.dataset.graph).textContent);
  graph = cytoscape({
    container: box,
    elements: elements(data),
    style: styles(),
    layout: { name: "preset" },
    autoungrabify: true,
    boxSelectionEnabled: false,
    minZoom: 0.05,
    maxZoom: 2.5,
    wheelSensitivity: 0.3,
    hideEdgesOnViewport: data.edges.length > MANY,
    textureOnViewport: data.edges.length > MANY,
    pixelRatio: data.edges.length > MANY ? 1 : "auto",
  });
  fit();
  // A graph that is being replaced may still hear that its box has another size.
  graph.on("resize", (event) => { if (event.cy === graph) fit(); });
  graph.on("tap", "node", (event) => {
    go(event.target.id(), false);
    if (event.target.data("toggle")) toggle(event.target.id());
  });
  graph.on("tap", "edge[href]", (event) => {
    if (event.target.data("href")) location.href = event.target.data("href");
  });
  graph.on("mouseover", "node", (event) => near(event.target));
  graph.on("mouseout", "node", () => near(current ? graph.getElementById(current) : null));
  if (current && graph.getElementById(current).length) mark();
  box.dataset.drawn = String(graph.edges().length);
}

// Shows all of the graph; a small one no larger than its words read well.
function fit() {
  graph.fit(undefined, 16);
  if (graph.zoom() > 1.2) {
    graph.zoom(1.2);
    graph.center();
  }
}

function near(node) {
  const shown = document.querySelector("[data-graph-current]");
  shown.hidden = !node?.length;
  shown.textContent = node?.length ? words(node) : "";
  graph.batch(() => {
    const edges = node?.length ? node.union(node.descendants()).connectedEdges() : graph.collection();
    graph.edges(".near").difference(edges).removeClass("near");
    edges.removeClass("far").addClass("near");
    if (edges.length) graph.edges().difference(edges).addClass("far");
    else graph.edges(".far").removeClass("far");
  });
}

function mark() {
  graph.nodes().removeClass("current");
  const node = graph.getElementById(current);
  node.addClass("current");
  near(node);
  return node;
}

function words(node) {
  const of = node.data();
  const opens = of.toggle ? (of.open ? ", open" : ", closed") : "";
  return `${of.label}, ${of.detail}, ${of.edges === 1 ? "1 edge" : `${of.edges} edges`}${opens}`;
}

function go(id, moves = true) {
  current = id;
  const node = mark();
  if (!node.length) return;
  const at = node.renderedBoundingBox();
  const outside = at.x1 < 0 || at.y1 < 0 || at.x2 > graph.width() || at.y2 > graph.height();
  if (moves && outside) graph.center(node);
  say(words(node));
}

// The next box in a direction: the nearest whose centre lies more that way than aside.
function next(direction) {
  const here = graph.getElementById(current);
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[direction];
  const from = here.position();
  let best = null;
  let least = Infinity;
  graph.nodes().forEach((node) => {
    if (node.id() === current) return;
    const x = node.position("x") - from.x;
    const y = node.position("y") - from.y;
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (along <= 0 || aside > along * 2) return;
    const far = along + aside * 2;
    if (far < least) [best, least] = [node, far];
  });
  return best;
}

function partAddress(href) {
  return `${document.querySelector("[data-explorer]").dataset.explorer}${href}`;
}

async function follow(href) {
  const query = new URL(href, location.href).searchParams;
  await window.htmx.ajax("GET", partAddress(`?${query}`), { target: "#trust-graph", swap: "outerHTML" });
  putIntoAddress(query, ["open"], document.getElementById("trust-graph"));
  draw();
}

async function toggle(id) {
  const node = graph.getElementById(id);
  const said = `${node.data("label")} ${node.data("open") ? "closed" : "open"}`;
  current = id;
  await follow(node.data("toggle"));
  container()?.focus();
  say(said);
}

function first() {
  return graph.nodes().sort((one, other) => one.position("y") - other.position("y") || one.position("x") - other.position("x"))[0];
}

document.addEventListener("keydown", (event) => {
  if (!graph || document.activeElement !== container() || event.metaKey || event.ctrlKey || event.altKey) return;
  const known = current && graph.getElementById(current).length > 0;
  if (event.key.startsWith("Arrow")) {
    const node = known ? next(event.key) : first();
    if (node) go(node.id());
  } else if (event.key === "Home") go(first().id());
  else if ((event.key === "Enter" || event.key === " ") && known) {
    if (graph.getElementById(current).data("toggle")) toggle(current);
  } else if (event.key === "+") zoom("in");
  else if (event.key === "-") zoom("out");
  else if (event.key === "0") zoom("fit");
  else return;
  event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  if (graph && event.target === container()) {
    const known = current && graph.getElementById(current).length > 0;
    go(known ? current : first().id());
  }
});

function zoom(way) {
  if (way === "fit") {
    fit();
    return;
  }
  const level = graph.zoom() * (way === "in" ? ZOOM : 1 / ZOOM);
  graph.zoom({ level, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (button && graph) zoom(button.dataset.zoom);
  const link = event.target.closest("#trust-graph a[data-toggle]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const label = link.textContent;
  follow(link.getAttribute("href")).then(() => {
    [...document.querySelectorAll("#trust-graph a[data-toggle]")].find((one) => one.textContent === label)?.focus();
  });
});

startAddresses();
draw();
document.addEventListener("ow:theme", () => graph?.style(styles()));
document.addEventListener("ow:view", draw);

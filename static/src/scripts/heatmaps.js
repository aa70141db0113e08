import { say } from "./live.js";

// Lets people go through the cells of a heatmap with mouse and keys. A card beside the cell says what
// it is, the same on hover and on focus; choosing one opens an account's result or an OU's accounts.
const SIDE = 8;

function boxOf(plot, row, column) {
  const { xaxis, yaxis } = plot._fullLayout;
  const [left, right] = [xaxis.d2p(column - 0.5), xaxis.d2p(column + 0.5)];
  const [one, other] = [yaxis.d2p(row - 0.5), yaxis.d2p(row + 0.5)];
  return {
    left: plot.offsetLeft + xaxis._offset + left,
    top: plot.offsetTop + yaxis._offset + Math.min(one, other),
    width: right - left,
    height: Math.abs(other - one),
  };
}

function place(element, box) {
  for (const [name, value] of Object.entries(box)) element.style.setProperty(name, `${value}px`);
}

function only(plot, selector, make) {
  const found = plot.parentNode.querySelector(selector);
  if (found) return found;
  const made = make();
  made.setAttribute("aria-hidden", "true");
  plot.parentNode.append(made);
  return made;
}

function element(name) {
  const made = document.createElement("div");
  made.className = name;
  return made;
}

function clear(plot, selector) {
  plot.parentNode.querySelector(selector)?.remove();
}

// Outlines the cell that the keys are at.
export function markCell(plot) {
  clear(plot, ".heat-current");
  if (document.activeElement !== plot || !plot.dataset.cell) return;
  const [row, column] = plot.dataset.cell.split(",").map(Number);
  place(only(plot, ".heat-current", () => element("heat-current")), boxOf(plot, row, column));
}

function wordsOf(trace, row, column) {
  return [trace.meta.titles[column], trace.meta.names[row], trace.customdata[row][column]];
}

function showCard(plot, trace, row, column) {
  const card = only(plot, ".chart-card", () => element("chart-card"));
  card.replaceChildren(
    ...wordsOf(trace, row, column).map((text, index) => {
      const line = document.createElement(index ? "span" : "b");
      line.textContent = text;
      return line;
    }),
  );
  const box = boxOf(plot, row, column);
  const around = plot.parentNode.getBoundingClientRect();
  const middle = box.left + box.width / 2 - card.offsetWidth / 2;
  const below = box.top + box.height + SIDE;
  const fits = below + card.offsetHeight < around.height;
  place(card, {
    left: Math.max(SIDE, Math.min(middle, around.width - card.offsetWidth - SIDE)),
    top: fits ? below : box.top - card.offsetHeight - SIDE,
  });
}

function choose(trace, row, column) {
  const { rows, accounts, columns, cell, open } = trace.meta;
  if (!columns[column] || trace.z[row][column] === null) return;
  if (!accounts[row]) location.href = `${open}${encodeURIComponent(rows[row])}`;
  else if (trace.text[row][column]) location.href = `${cell}${encodeURIComponent(`${columns[column]}:${rows[row]}`)}`;
}

// The next cell in a direction; gaps between families are passed over.
function moved(trace, row, column, key) {
  const { rows, columns } = trace.meta;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (step) {
    let next = column + step;
    while (next in columns && !columns[next]) next += step;
    return next in columns ? [row, next] : [row, column];
  }
  if (key === "ArrowUp") return [Math.max(0, row - 1), column];
  if (key === "ArrowDown") return [Math.min(rows.length - 1, row + 1), column];
  if (key === "Home") return [row, 0];
  if (key === "End") return [row, columns.length - 1];
  return null;
}

export function exploreHeatmap(plot, trace) {
  const at = () => (plot.dataset.cell ?? "0,0").split(",").map(Number);
  const go = (row, column) => {
    plot.dataset.cell = `${row},${column}`;
    markCell(plot);
    showCard(plot, trace, row, column);
    say(wordsOf(trace, row, column).join(", "));
  };
  plot.on("plotly_afterplot", () => markCell(plot));
  plot.on("plotly_hover", (event) => {
    const { x, y } = event.points[0];
    if (trace.meta.columns[x]) showCard(plot, trace, y, x);
  });
  plot.on("plotly_unhover", () => clear(plot, ".chart-card"));
  plot.on("plotly_click", (event) => choose(trace, event.points[0].y, event.points[0].x));
  plot.addEventListener("focus", () => go(...at()));
  plot.addEventListener("blur", () => {
    clear(plot, ".chart-card");
    clear(plot, ".heat-current");
  });
  plot.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") choose(trace, ...at());
    else if (event.key === "Escape") clear(plot, ".chart-card");
    else {
      const next = moved(trace, ...at(), event.key);
      if (!next) return;
      go(...next);
    }
    event.preventDefault();
  });
}

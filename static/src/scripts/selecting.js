// Rows that are ticked: a list in data-selection counts them, and its buttons wait for one.
const BOXES = "td.tick input[type=checkbox]";

function count(list) {
  const boxes = [...list.querySelectorAll(BOXES)];
  const ticked = boxes.filter((box) => box.checked).length;
  const all = list.querySelector("[data-select-all]");
  const words = list.querySelector("[data-selected]");
  if (!all || !words) return;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
  const [one, many] = words.dataset.nouns.split(",");
  words.textContent = ticked ? `${ticked} selected` : `Select ${many ?? one}`;
  list.querySelector(".bulk")?.classList.toggle("chosen", ticked > 0);
  for (const button of list.querySelectorAll("[data-needs-selection]")) button.disabled = ticked === 0;
  for (const box of boxes) box.closest("tr")?.classList.toggle("ticked", box.checked);
}

function countAll() {
  for (const list of document.querySelectorAll("[data-selection]")) count(list);
}

export function startSelecting() {
  document.addEventListener("change", (event) => {
    const list = event.target.closest("[data-selection]");
    if (!list) return;
    if (event.target.matches("[data-select-all]")) {
      for (const box of list.querySelectorAll(BOXES)) box.checked = event.target.checked;
    }
    count(list);
  });
  document.addEventListener("htmx:afterSettle", countAll);
  window.addEventListener("pageshow", countAll);
  countAll();
}

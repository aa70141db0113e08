// Lines of a text by their address: #L4, or #L4-L12 for several. A click on a line's number puts it
// into the address; with Shift, all lines from the one chosen before.
const ADDRESS = /^#L(\d+)(?:-L?(\d+))?$/;

function chosen() {
  const found = ADDRESS.exec(window.location.hash);
  if (!found) return null;
  const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
  return [Math.min(from, to), Math.max(from, to)];
}

function show(scrolls) {
  const lines = chosen();
  for (const row of document.querySelectorAll("[data-lines] tr[id^='L']")) {
    const number = Number(row.id.slice(1));
    row.classList.toggle("chosen", lines !== null && number >= lines[0] && number <= lines[1]);
  }
  if (scrolls && lines) document.getElementById(`L${lines[0]}`)?.scrollIntoView({ block: "center" });
}

export function startLines() {
  if (!document.querySelector("[data-lines]")) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-lines] [data-line]");
    if (!link || !event.shiftKey) return;
    event.preventDefault();
    const number = Number(link.dataset.line);
    const from = chosen()?.[0] ?? number;
    const ends = [Math.min(from, number), Math.max(from, number)];
    window.history.replaceState(null, "", ends[0] === ends[1] ? `#L${ends[0]}` : `#L${ends[0]}-L${ends[1]}`);
    show(false);
  });
  window.addEventListener("hashchange", () => show(true));
  show(true);
}

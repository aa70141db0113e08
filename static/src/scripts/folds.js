// Folds that somebody opened or closed stay so in the address, by the words they are called:
// `unfolded` those that the page shows closed, `folded` those that it shows open.
const MOST = 30;
const shownOpen = new WeakMap();

function named() {
  const found = new Map();
  for (const fold of document.querySelectorAll("main details.fold")) {
    const summary = fold.querySelector("summary");
    const words = (summary?.querySelector("b, .name, code") ?? summary)?.textContent ?? "";
    const name = words.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
    let key = name || "fold";
    for (let number = 2; found.has(key); number += 1) key = `${name}-${number}`;
    found.set(key, fold);
    if (!shownOpen.has(fold)) shownOpen.set(fold, fold.open);
  }
  return found;
}

function apply() {
  const query = new URL(location.href).searchParams;
  const folds = named();
  for (const key of query.getAll("unfolded")) if (folds.has(key)) folds.get(key).open = true;
  for (const key of query.getAll("folded")) if (folds.has(key)) folds.get(key).open = false;
}

function keep() {
  const here = new URL(location.href);
  here.searchParams.delete("unfolded");
  here.searchParams.delete("folded");
  const changed = [...named()].filter(([, fold]) => fold.open !== shownOpen.get(fold));
  for (const [key, fold] of changed.slice(0, MOST)) here.searchParams.append(fold.open ? "unfolded" : "folded", key);
  if (here.href !== location.href) history.replaceState(history.state, "", here);
}

export function startFolds() {
  apply();
  document.addEventListener("htmx:afterSettle", apply);
  // Toggled folds say so to themselves alone, and those of the page once at its beginning.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("main details.fold") && shownOpen.has(event.target)) keep();
  }, true);
}

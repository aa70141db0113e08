// Keys that lead somewhere: `?` lists them, `/` goes to the list's search field, `g` and a letter to
// a screen. They can be switched off, since dictation software types letters too.
import { say } from "./live.js";

const OFF = "ow-shortcuts-off";
const LONGEST_PAUSE = 1500;

function areOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function types(target) {
  return target.closest?.("input, select, textarea, [contenteditable='true'], dialog[open], .cm-editor");
}

export function startShortcuts() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog) return;
  const screens = new Map();
  for (const row of dialog.querySelectorAll("[data-screen-key]")) {
    const link = document.querySelector(`#navigation a[data-screen="${row.dataset.screen}"]`);
    if (link) screens.set(row.dataset.screenKey, link);
    else row.hidden = true;
  }
  const box = dialog.querySelector("[data-shortcuts-on]");
  box.checked = !areOff();
  box.addEventListener("change", () => {
    try {
      if (box.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
      say(box.checked ? "Shortcuts are on" : "Shortcuts are off");
    } catch {
      say("This browser could not store the choice.");
    }
  });

  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || types(event.target) || areOff()) return;
    if (document.querySelector("dialog[open]")) return;
    const pressed = event.key.toLowerCase();
    const link = going && Date.now() - going < LONGEST_PAUSE ? screens.get(pressed) : undefined;
    going = 0;
    if (link) {
      event.preventDefault();
      link.click();
    } else if (pressed === "g") going = Date.now();
    else if (pressed === "?") {
      event.preventDefault();
      dialog.showModal();
    } else if (pressed === "/") {
      const field = document.querySelector('main input[type="search"]');
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
}

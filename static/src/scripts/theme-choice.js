import { say } from "./live.js";

const NAMES = { light: "Light", dark: "Dark", system: "System's" };

function chosen() {
  return document.documentElement.dataset.theme || "system";
}

function mark() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen()));
  }
}

function announce() {
  document.dispatchEvent(new CustomEvent("ow:theme"));
}

export function startTheme() {
  mark();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    const theme = button.dataset.themeChoice;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("ow-theme", theme);
    } catch {
      say("The theme applies to this page only: the browser could not store it.");
    }
    mark();
    announce();
    say(`${NAMES[theme]} theme`);
    button.closest("details")?.removeAttribute("open");
  });
  // The profile's theme is for every browser, so this one's choice makes way when it is saved.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-saves-theme]")) localStorage.removeItem("ow-theme");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
}

// Ctrl-K: finds accounts, OUs, policies, principals and screens. The list comes from the server.
import { say } from "./live.js";
import { recentPlaces } from "./recent.js";

export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector(".palette-list");
  let asked = 0;
  let timer = 0;

  const options = () => [...list.querySelectorAll('[role="option"]')];
  const select = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  // The pages opened last, but for this one, as a group of options like the server's.
  const recent = () => {
    const here = location.pathname + location.search;
    const places = recentPlaces().filter((one) => one.href !== here);
    if (places.length === 0) return [];
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Recent");
    const head = document.createElement("div");
    head.setAttribute("role", "presentation");
    head.textContent = "Recent";
    const links = places.map((one, at) => {
      const link = document.createElement("a");
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      link.tabIndex = -1;
      link.id = `option-recent-${at}`;
      link.href = one.href;
      const name = document.createElement("span");
      name.className = "cut-off";
      name.textContent = one.title;
      const icon = list.querySelector("svg.icon")?.cloneNode(true);
      const drawing = icon?.querySelector("use");
      drawing?.setAttribute("href", drawing.getAttribute("href").replace(/#.*/, "#history"));
      link.append(...[icon, name].filter(Boolean));
      return link;
    });
    group.append(head, ...links);
    return [group];
  };
  const load = async () => {
    const mine = ++asked;
    const address = new URL(dialog.dataset.address, location.href);
    address.searchParams.set("q", field.value.trim());
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!response.ok) throw new Error(String(response.status));
      const html = await response.text();
      if (mine !== asked) return;
      list.innerHTML = html;
      if (!field.value.trim()) list.prepend(...recent());
      select(options()[0]);
      say(options().length === 1 ? "1 result" : `${options().length} results`);
    } catch {
      if (mine !== asked) return;
      list.innerHTML = '<p class="palette-note">The search failed. Check the connection and type again.</p>';
      say("The search failed");
    }
  };
  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    field.value = "";
    field.focus();
    load();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  for (const button of document.querySelectorAll("[data-palette]")) button.addEventListener("click", open);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, 120);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (all.length === 0) return;
      select(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (at >= 0) location.href = all[at].href;
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

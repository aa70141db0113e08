// Menus are <details class="menu">: they open without script; this closes them as menus do.
export function startMenus() {
  const close = (menu, focus) => {
    menu.removeAttribute("open");
    if (focus) menu.querySelector("summary").focus();
  };
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) close(menu, false);
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) close(menu, false);
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (!menu) return;
    if (event.key === "Escape") {
      close(menu, true);
      event.stopPropagation();
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (event.target.matches("input, select, textarea")) return;
    const items = [...menu.querySelectorAll(".menu-panel a, .menu-panel button, .menu-panel input")];
    if (items.length === 0) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = items.indexOf(document.activeElement);
    items[at === -1 ? (step === 1 ? 0 : items.length - 1) : (at + step + items.length) % items.length].focus();
  });
}

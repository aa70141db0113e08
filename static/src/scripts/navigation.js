// Below 768 px the navigation opens over the page from the menu button.
export function startNavigation() {
  const nav = document.getElementById("navigation");
  const button = document.querySelector(".menu-button");
  if (!nav || !button) return;
  let shade = null;
  const close = () => {
    if (!nav.classList.contains("open")) return;
    nav.classList.remove("open");
    button.setAttribute("aria-expanded", "false");
    shade?.remove();
    shade = null;
    button.focus();
  };
  const open = () => {
    nav.classList.add("open");
    button.setAttribute("aria-expanded", "true");
    shade = document.createElement("div");
    shade.className = "nav-shade";
    shade.addEventListener("click", close);
    document.body.append(shade);
    nav.querySelector("a, button")?.focus();
  };
  button.addEventListener("click", () => (nav.classList.contains("open") ? close() : open()));
  nav.querySelector(".nav-close")?.addEventListener("click", close);
  nav.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "Tab" || !nav.classList.contains("open")) return;
    const items = [...nav.querySelectorAll("a, button")].filter((item) => item.offsetParent);
    const last = event.shiftKey ? items[0] : items.at(-1);
    if (document.activeElement === last) {
      event.preventDefault();
      (event.shiftKey ? items.at(-1) : items[0]).focus();
    }
  });
}

// Lets the bell ask for its number only while somebody can see it, and again once they can.
export function startBell() {
  const bell = document.getElementById("bell");
  if (!bell) return;
  bell.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault();
  });
  bell.addEventListener("htmx:beforeSwap", (event) => {
    // Another page answers where the session has ended; the number stays as it was.
    const { pathname } = new URL(event.detail.xhr.responseURL, location.href);
    if (pathname !== bell.getAttribute("hx-get")) event.detail.shouldSwap = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) bell.dispatchEvent(new Event("shown"));
  });
}

// The pages opened last, for the palette. They stay in this browser, for each person apart, and go
// when somebody signs out: their titles are names of an organization's accounts and policies.
const PREFIX = "ow-recent:";
const MOST = 6;

function key() {
  const person = document.getElementById("palette")?.dataset.person;
  return person ? PREFIX + person : "";
}

export function recentPlaces() {
  try {
    const kept = JSON.parse(localStorage.getItem(key()) ?? "[]");
    return kept.filter((one) => typeof one.title === "string" && /^\/(?!\/)/.test(one.href));
  } catch {
    return [];
  }
}

export function startRecent() {
  const title = document.querySelector("main h1")?.textContent.trim();
  if (key() && title && !document.querySelector(".error-page")) {
    const href = location.pathname + location.search;
    const others = recentPlaces().filter((one) => one.href !== href);
    const kept = [{ title: title.slice(0, 120), href }, ...others].slice(0, MOST + 1);
    try {
      localStorage.setItem(key(), JSON.stringify(kept));
    } catch {
      // Storage is refused: the palette shows no recent pages.
    }
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-signs-out]")) return;
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  });
}

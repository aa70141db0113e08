// Gives Swagger UI the theme of the page around it. Loaded before the first paint.
const dark = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  const theme = document.documentElement.dataset.theme;
  document.documentElement.classList.toggle("dark-mode", theme === "dark" || (!theme && dark.matches));
}

follow();
document.addEventListener("ow:theme", follow);

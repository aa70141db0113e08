// Sets the chosen theme before the first paint. Without a choice the system's theme holds.
try {
  const theme = localStorage.getItem("ow-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is refused (a private window may do so): the system's theme holds.
}

// Says a sentence to screen readers through the page's one live region.
export function say(sentence) {
  const region = document.getElementById("live");
  if (!region) return;
  region.textContent = "";
  // A region that gets the same words twice stays silent unless it was empty in between.
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}

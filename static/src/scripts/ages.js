// Keeps relative times true on a page that stays open. The words are those of the server's
// `governance.web.parts.ages.age`; a test holds both to the same table.
export function age(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "just now";
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  const days = Math.floor(hours / 24);
  if (days < 90) return `${days} days`;
  const months = Math.floor(days / 30);
  if (months < 25) return `${months} months`;
  return `${Math.floor(days / 365)} years`;
}

function words(element) {
  const seconds = (Date.now() - Date.parse(element.dateTime)) / 1000;
  if (seconds < 0) return null;
  const said = age(seconds);
  return element.dataset.age === "short" || said === "just now" ? said : `${said} ago`;
}

export function startAges() {
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-age]")) {
      const said = words(element);
      if (said !== null) element.querySelector(".said").textContent = said;
    }
  }, 30000);
}

import { say } from "./live.js";

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Plain HTTP has no clipboard interface; a selected field still copies.
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("readonly", "");
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("the browser refused to copy");
}

// The button itself says that it worked: a mark in the colour of what is done, and in words where
// it has any.
function confirm(button) {
  const words = [...button.childNodes].findLast((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  button.classList.add("copied");
  if (words && !button.dataset.said) {
    button.dataset.said = words.data;
    words.data = "Copied";
  }
  setTimeout(() => {
    button.classList.remove("copied");
    if (words && button.dataset.said) {
      words.data = button.dataset.said;
      delete button.dataset.said;
    }
  }, 1500);
}

export function startCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    try {
      await copy(button.dataset.copy);
      say(`Copied ${button.dataset.copyName || button.dataset.copy}`);
      confirm(button);
    } catch {
      say("Not copied: the browser refused. Select the text and copy it manually.");
    }
  });
}

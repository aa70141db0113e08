// Buttons with data-dialog open the <dialog> of that id; data-close closes the one around it.
export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog && !dialog.open) dialog.showModal();
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer) {
      event.preventDefault();
      (closer.closest("dialog")?.close() ?? closer.closest(".toast-line")?.remove());
      return;
    }
    if (event.target.matches?.("dialog.closes")) event.target.close();
  });
  document.addEventListener("click", (event) => {
    const closer = event.target.closest(".toast-line [data-dismiss]");
    if (closer) closer.closest(".toast-line").remove();
  });
}

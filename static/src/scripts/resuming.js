// Sends a form by itself that its person sent before they were asked who they are.
export function startResuming() {
  document.querySelector("form[data-sent-at-once]")?.requestSubmit();
}

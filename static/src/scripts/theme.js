// Sets the theme chosen in this browser before the first paint. Without one the profile's holds,
// which the server has set, and without that the system's.
try {
  const theme = localStorage.getItem("ow-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else if (theme === "system") delete document.documentElement.dataset.theme;
} catch {
  // Storage is refused (a private window may do so): the system's theme holds.
}

// What scripts write into a page as HTML, our own or a library's, passes here first (Trusted Types;
// the page's Content-Security-Policy asks for it). Parts of pages come from our server with names
// of AWS in them: what could run is refused as a whole, should an escape ever be missing.
if (window.trustedTypes) {
  const addresses = ["href", "xlink:href", "src", "action", "formaction", "data"];
  const inert = window.trustedTypes.createPolicy("ow-inert", { createHTML: (html) => html });
  const runs = (element) => {
    const name = element.localName;
    if (name === "script") return element.getAttribute("type") !== "application/json";
    if (["iframe", "object", "embed", "base", "meta"].includes(name)) return true;
    return [...element.attributes].some(({ name, value }) => {
      if (name.startsWith("on") || name === "srcdoc") return true;
      // Browsers pass over blanks and control characters in a scheme.
      return addresses.includes(name) && /^javascript:/i.test(value.replace(/[\u0000-\u0020]/g, ""));
    });
  };
  const holdsWhatRuns = (fragment) =>
    [...fragment.querySelectorAll("*")].some(
      (element) => runs(element) || (element.localName === "template" && holdsWhatRuns(element.content)),
    );
  const bodyOf = (html) => new DOMParser().parseFromString(inert.createHTML(html), "text/html").body;
  const fragmentOf = (html) => {
    const parsed = document.createElement("template");
    parsed.innerHTML = inert.createHTML(html);
    return parsed.content;
  };
  window.trustedTypes.createPolicy("default", {
    createHTML: (html) => {
      // Of a whole page of ours a script takes a part: what its head loads is left behind.
      const isPage = /^\s*<!doctype/i.test(html);
      const content = isPage ? bodyOf(html) : fragmentOf(html);
      if (holdsWhatRuns(content)) throw new TypeError("HTML with something that runs was refused");
      return isPage ? content.outerHTML : html;
    },
    createScriptURL: (address) => {
      if (new URL(address, location.href).origin !== location.origin) throw new TypeError("a script of elsewhere was refused");
      return address;
    },
  });
}

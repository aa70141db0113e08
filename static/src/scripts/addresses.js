// The page's address as one place for all that is chosen on it.

// Puts the values of some names into the address without loading the page, and into every link and
// form of the page that keeps the rest of the address; those in data-forgets="names" do without
// these. `inside`: a part that is up to date. `step`: going back undoes it.
export function putIntoAddress(query, names, inside, { step = true } = {}) {
  const here = new URL(location.href);
  copy(query, here.searchParams, names);
  if (here.href === location.href) return;
  if (step && !history.state?.ow) history.replaceState({ ...history.state, ow: true }, "");
  if (step) history.pushState({ ow: true }, "", here);
  else history.replaceState(history.state, "", here);
  for (const link of document.querySelectorAll('a[href^="?"]')) {
    const href = link.getAttribute("href");
    if (href === "?" || inside?.contains(link)) continue;
    const kept = new URLSearchParams(href.slice(1));
    copy(query, kept, carried(link, names));
    link.setAttribute("href", `?${kept}`);
  }
  for (const form of document.querySelectorAll('form[method="get"]')) {
    if (form.hasAttribute("action")) continue;
    for (const name of carried(form, names)) {
      for (const field of form.querySelectorAll(`input[type="hidden"][name="${name}"]`)) field.remove();
      for (const value of query.getAll(name)) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        form.append(field);
      }
    }
  }
}

function carried(element, names) {
  const forgotten = element.closest("[data-forgets]")?.dataset.forgets.split(" ") ?? [];
  return names.filter((name) => !forgotten.includes(name));
}

function copy(from, to, names) {
  for (const name of names) {
    to.delete(name);
    for (const value of from.getAll(name)) to.append(name, value);
  }
}

// Going back to an address that was put in place here shows that page again.
export function startAddresses() {
  window.addEventListener("popstate", (event) => {
    if (event.state?.ow) location.reload();
  });
}

// Links to a notebook's cell, as far as this page knows the way there; elsewhere plain text.
function placeLink(model, { text, notebook, cell, here }) {
  const manager = model.widget_manager;
  const path = wayTo(notebook, here, manager?.context?.path);
  const handler = manager?.rendermime?.linkHandler;
  if (path === null || !handler) return h("span", { title: notebook ?? "" }, text);
  const link = h("a", { class: "hl-link", href: "#", title: `Open ${path}` }, text);
  handler.handleLink(link, path, cell ? `#cell-id=${cell}` : "");
  return link;
}

// The server knows a notebook by its path below the server's root; records know it by its path
// on disk. What this page's own notebook is called by both tells the root.
function wayTo(notebook, here, path) {
  if (!path) return null;
  if (!notebook || notebook === here) return path;
  if (!here?.endsWith(path)) return null;
  const root = here.slice(0, -path.length);
  return notebook.startsWith(root) ? notebook.slice(root.length) : null;
}

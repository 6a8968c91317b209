// The nodes once more as a list, for keys and for readers who do not see the canvas.
function nodeList(open, look) {
  const list = h("ul", { class: "hl-nodes", role: "listbox", "aria-label": "Nodes of the graph" });
  let steps = [];
  const row = (node, reached, at = steps.indexOf(node.id)) => h("li", {
    role: "option", tabindex: reached ? "0" : "-1", "data-id": node.id, title: node.title, class: steps.length && at < 0 ? "hl-off" : undefined,
    "aria-description": at < 0 ? undefined : `on the path, ${at + 1} of ${steps.length}`, onclick: () => open(node.id),
  }, at < 0 ? null : h("b", { class: "hl-step" }, String(at + 1)), h("i", { class: `hl-key hl-key-${node.kind}`, "data-tone": node.tone }), h("span", {}, node.name),
    h("small", {}, node.within ? `in ${node.within}` : node.sub));
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    if (!item) return;
    const [after, before] = [item.nextElementSibling, item.previousElementSibling];
    const next = { ArrowDown: after, ArrowRight: after, ArrowUp: before, ArrowLeft: before, Home: list.firstElementChild, End: list.lastElementChild }[event.key];
    if (event.key === "Enter" || event.key === " ") open(item.dataset.id);
    else if (next) { item.tabIndex = -1; next.tabIndex = 0; next.focus(); look(next.dataset.id); } else return;
    event.preventDefault();
  });
  function fill(rows) {
    const at = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const known = at && rows.some((node) => node.id === at);
    list.replaceChildren(...rows.map((node, i) => row(node, known ? node.id === at : i === 0)));
    if (at) ([...list.children].find((item) => item.dataset.id === at) ?? list.firstElementChild)?.focus();
  }
  function mark(chosen) {
    for (const item of list.children) item.setAttribute("aria-selected", String(item.dataset.id === chosen));
  }
  const path = (ids) => { steps = ids; };
  return { list, fill, mark, path };
}

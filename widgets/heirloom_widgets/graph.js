// The lineage graph: pyvis's nodes and edges, drawn by pyvis's own vis-network on our positions.
const VIS = Symbol.for("heirloom:vis-network");
// The smallest scale at which the labels still read; below it the centre is shown alone.
const LEAST = { centre: 0.58, all: 0.25 }, EDGE = 22;
const LEGEND = [["version", "version"], ["execution", "execution"], ["plan", "trigger"], ["solid", "declared input"], ["dashed", "read while running"]];

// One copy per page, from the one asset model of the kernel; wrapped so that the library sees neither requirejs nor `window.vis`.
function library(model) {
  globalThis[VIS] ??= (async () => {
    const asset = await model.widget_manager.get_model(model.get("asset").replace("IPY_MODEL_", ""));
    const text = `const m={exports:{}};(function(exports,module,define){${asset.get("src")}\n}).call({},m.exports,m,undefined);export default m.exports;`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try { return (await import(url)).default; } finally { URL.revokeObjectURL(url); }
  })().catch((error) => { delete globalThis[VIS]; throw error; });
  return globalThis[VIS];
}

async function render({ model, el }) {
  own(el, "hl-graph");
  const talk = kernel(model);
  const button = (label, title, act) => h("button", { class: "hl-button", title, onclick: act }, label);
  const back = button("← Back", "The centre before this one", () => talk.ask("back"));
  const trail = h("span", { class: "hl-trail" });
  const up = button("+1 up", "One more hop of what it came from", () => talk.ask("more", { way: "up" }));
  const down = button("+1 down", "One more hop of what came of it", () => talk.ask("more", { way: "down" }));
  const all = button("All", "Every hop, both ways", () => talk.ask("more", { way: "all" }));
  const finder = h("input", { type: "search", class: "hl-find", placeholder: "Find in graph", "aria-label": "Find in graph" });
  const box = h("div", { class: "hl-canvas", tabindex: "0", role: "img", "aria-label": "Lineage graph; the list beside it has the same nodes" });
  box.style.height = model.get("height");
  const list = h("ul", { class: "hl-nodes", role: "listbox", "aria-label": "Nodes of the graph" });
  const note = h("span", { class: "hl-note", role: "status" });
  const legend = h("span", { class: "hl-legend" }, ...LEGEND.map(([kind, text]) => h("span", {}, h("i", { class: `hl-key hl-key-${kind}` }), text)));
  el.append(
    h("div", { class: "hl-bar" }, back, trail, h("span", { class: "hl-gap" }), up, down, all,
      button("Fit", "Show the whole graph", () => frame(0)), button("Tidy", "Lay the graph out anew", () => talk.ask("tidy")), finder),
    h("div", { class: "hl-stage" }, box, list), h("div", { class: "hl-foot" }, legend, h("span", { class: "hl-gap" }), note), talk.line,
  );

  const vis = await library(model);
  const nodes = new vis.DataSet(), edges = new vis.DataSet();
  let c = palette(el), wanted = "", sized = false, framed = LEAST.centre;
  const matches = (node) => !wanted || `${node.name} ${node.sub} ${node.kind}`.toLowerCase().includes(wanted);
  const dress = (row) => ({
    ...row, shape: "custom",
    ctxRenderer: ({ ctx, x, y, state }) => ({
      drawNode() { const node = nodes.get(row.id); if (node) paint(ctx, node, x, y, { ...state, dim: !matches(node), c }); },
      nodeDimensions: { width: row.w, height: row.h },
    }),
  });
  const colour = (row) => ({ ...row, color: { color: c.edge, highlight: c.focus, hover: c.focus, inherit: false } });
  const network = new vis.Network(box, { nodes, edges }, model.get("options"));
  box.__network = network; // what is drawn is no DOM: tests find the nodes' places here

  function frame(least, animation = { duration: 220 }) {
    const rows = nodes.get();
    if (!rows.length || !box.clientWidth) return;
    framed = least;
    const side = (low, high) => [Math.min(...rows.map(low)), Math.max(...rows.map(high))];
    const [x0, x1] = side((n) => n.x - n.w / 2, (n) => n.x + n.w / 2), [y0, y1] = side((n) => n.y - n.h / 2, (n) => n.y + n.h / 2);
    const whole = Math.min(1, box.clientWidth / (x1 - x0 + 2 * EDGE), box.clientHeight / (y1 - y0 + 2 * EDGE));
    const centre = nodes.get(model.get("picture").centre) ?? { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
    const scale = Math.max(whole, least);
    // The centre is in view, and no room is wasted beyond the outermost nodes.
    const within = (wanted, low, high, room) => {
      const reach = room / scale / 2 - EDGE;
      return high - low < 2 * reach ? (low + high) / 2 : Math.min(Math.max(wanted, low + reach), high - reach);
    };
    const position = { x: within(centre.x, x0, x1, box.clientWidth), y: within(centre.y, y0, y1, box.clientHeight) };
    network.moveTo({ position, scale, animation });
  }
  function sync(set, rows) {
    const keep = new Set(rows.map((row) => row.id));
    set.remove(set.getIds().filter((id) => !keep.has(id)));
    set.update(rows);
  }
  function draw() {
    const picture = model.get("picture");
    sync(nodes, picture.nodes.map(dress));
    sync(edges, picture.edges.map(colour));
    back.disabled = !picture.trail.length;
    trail.textContent = picture.where;
    trail.title = [...picture.trail, picture.where].join(" → ");
    up.disabled = !picture.up; down.disabled = !picture.down; all.disabled = !picture.up && !picture.down;
    note.textContent = picture.note;
    for (const tip of box.querySelectorAll(".vis-tooltip")) tip.style.visibility = "hidden";
    fill();
    if (picture.move) frame(LEAST[picture.move], sized && { duration: 220 });
    mark();
  }
  function mark() {
    const chosen = model.get("selected");
    network.selectNodes(nodes.get(chosen) ? [chosen] : [], false);
    for (const item of list.children) item.setAttribute("aria-selected", String(item.dataset.id === chosen));
  }
  const open = (id) => talk.ask("open", { id });
  function fill() {
    const at = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const rows = nodes.get().filter((node) => node.kind !== "via" && matches(node)).sort((a, b) => a.x - b.x || a.y - b.y);
    list.replaceChildren(...rows.map((node, i) => h("li", {
      role: "option", tabindex: (at ? node.id === at : i === 0) ? "0" : "-1", "data-id": node.id, onclick: () => open(node.id), title: node.title,
    }, h("i", { class: `hl-key hl-key-${node.kind}`, "data-tone": node.tone }), h("span", {}, node.name), h("small", {}, node.sub))));
    if (at) [...list.children].find((item) => item.dataset.id === at)?.focus();
  }
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    const [after, before] = [item?.nextElementSibling, item?.previousElementSibling];
    const next = { ArrowDown: after, ArrowRight: after, ArrowUp: before, ArrowLeft: before }[event.key];
    if (event.key === "Enter" || event.key === " ") open(item.dataset.id);
    else if (next) { item.tabIndex = -1; next.tabIndex = 0; next.focus(); network.selectNodes([next.dataset.id], false); } else return;
    event.preventDefault();
  });
  finder.addEventListener("input", () => { wanted = finder.value.trim().toLowerCase(); fill(); mark(); network.redraw(); });
  finder.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") list.firstElementChild?.focus();
    if (event.key === "Escape") { finder.value = ""; finder.dispatchEvent(new Event("input")); }
  });
  network.on("click", ({ nodes: [id], pointer }) => {
    const node = nodes.get(id ?? "");
    if (!node) return;
    if (node.kind === "plan" && onSwitch(node, pointer.canvas)) talk.ask("switch", { plan: node.plan, on: !node.armed });
    else open(id);
  });
  // vis looks only while the pointer moves on the canvas: tell it that the pointer is far away.
  box.addEventListener("pointerleave", () => box.querySelector("canvas").dispatchEvent(new MouseEvent("mousemove", { clientX: -1e6, clientY: -1e6 })));
  for (const moved of ["dragEnd", "zoom"]) network.on(moved, () => { framed = null; });
  network.on("hoverNode", () => { box.style.cursor = "pointer"; });
  network.on("blurNode", () => { box.style.cursor = ""; });
  // The wheel scrolls the notebook until the canvas has the focus.
  box.addEventListener("wheel", (event) => { if (!box.contains(document.activeElement)) event.stopImmediatePropagation(); }, { capture: true });
  box.addEventListener("pointerdown", () => box.focus({ preventScroll: true }));

  // JupyterLab draws cells off the page, where no style reaches them: colours are read again on it.
  function recolour() { c = palette(el); edges.update(edges.get().map(colour)); network.redraw(); }
  // In a hidden tab the canvas has no size: it is framed when it gets one, and again when that
  // changes, until the reader has moved the view.
  const size = new ResizeObserver(() => {
    if (!box.clientWidth || !box.clientHeight) return;
    network.setSize("100%", "100%");
    recolour();
    sized = true;
    if (framed !== null) frame(framed, false);
  });
  size.observe(box);
  const theme = new MutationObserver(() => { if (el.isConnected) recolour(); });
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  model.on("change:picture", draw);
  model.on("change:selected", mark);
  draw();
  return () => {
    size.disconnect();
    theme.disconnect();
    talk.close();
    model.off("change:picture", draw);
    model.off("change:selected", mark);
    network.destroy();
  };
}
export default { render };

// The lineage graph: pyvis's nodes and edges, drawn by pyvis's own vis-network on our positions.
const VIS = Symbol.for("heirloom:vis-network");
// The smallest scale at which the labels still read; below it the centre is shown alone.
const LEAST = { centre: 0.58, all: 0.25 }, EDGE = 22;
const LINES = new Set(["solid", "dashed"]);
const reach = (rows, at, size) => [Math.min(...rows.map((n) => n[at] - n[size] / 2)), Math.max(...rows.map((n) => n[at] + n[size] / 2))];

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
  const open = (id) => talk.ask("open", { id });
  const bar = tools(talk, { fit: () => frame(0), picture: () => savePicture(`${model.get("picture").where.replaceAll("/", "-")}.png`, vis, nodes.get(), edges.get(), model.get("options"), c) });
  const box = h("div", { class: "hl-canvas", tabindex: "0", role: "img", "aria-label": "Lineage graph; the list beside it has the same nodes" });
  box.style.height = model.get("height");
  const beside = nodeList(open, (id) => network.selectNodes([id], false));
  const note = h("span", { class: "hl-note", role: "status" });
  const path = h("div", { class: "hl-way", role: "status", "aria-live": "polite" });
  const legend = h("span", { class: "hl-legend", "aria-label": "Legend" });
  el.append(bar.bar, h("div", { class: "hl-stage" }, path, box, beside.list), h("div", { class: "hl-foot" }, legend, h("span", { class: "hl-gap" }), note), talk.line);

  const vis = await library(model);
  const nodes = new vis.DataSet(), edges = new vis.DataSet();
  let c = palette(el), inner = [], wanted = "", sized = false, framed = LEAST.centre;
  let way = new Set(), joins = new Set();
  const off = (node) => !matches(node) || (way.size > 0 && !way.has(node.id));
  const matches = (node) => !wanted || `${node.name} ${node.sub} ${node.within} ${node.kind}`.toLowerCase().includes(wanted);
  const dress = (row) => (row.kind === "via" ? { ...row, shape: "dot", size: 0.1, borderWidth: 0 } : {
    ...row, shape: "custom",
    ctxRenderer: ({ ctx, x, y, state }) => ({
      drawNode() { const node = nodes.get(row.id); if (node) paint(ctx, node, x, y, { ...state, dim: off(node), c }); },
      nodeDimensions: { width: row.w, height: row.h },
    }),
  });
  const colour = (row) => {
    const on = joins.has(row.id), faint = way.size > 0 && !on;
    return { ...row, width: on ? 2.6 : 1, color: { color: on ? c.focus : c.edge, opacity: faint ? 0.25 : 1, highlight: c.focus, hover: c.focus, inherit: false } };
  };
  const network = new vis.Network(box, { nodes, edges }, model.get("options"));
  box.__network = network; // what is drawn is no DOM: tests find the nodes' places here

  function frame(least, animation = { duration: 220 }) {
    const rows = nodes.get();
    if (!rows.length || !box.clientWidth) return;
    framed = least;
    const [x0, x1] = reach(rows, "x", "w"), [y0, y1] = reach(rows, "y", "h");
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
    inner = picture.nodes.filter((node) => node.inside);
    [way, joins] = [new Set(picture.path.nodes), new Set(picture.path.edges)];
    beside.path(picture.path.nodes);
    path.textContent = picture.path.told;
    sync(edges, picture.edges.map(colour));
    bar.show(picture);
    note.textContent = picture.note;
    legend.replaceChildren(...picture.legend.map(([shape, tone, words]) =>
      h("span", {}, h("i", { class: `hl-key hl-key-${shape}`, "data-tone": LINES.has(shape) || !tone ? undefined : tone }), words)));
    for (const tip of box.querySelectorAll(".vis-tooltip")) tip.style.visibility = "hidden";
    fill();
    pulse();
    if (picture.move) frame(LEAST[picture.move], sized && { duration: 220 });
    mark();
  }
  // Drawn again and again only while something runs, and where it is seen.
  let beat = null;
  function pulse() {
    clearInterval(beat);
    if (still.matches || !nodes.get().some((node) => node.live)) return;
    beat = setInterval(() => { if (box.clientWidth && !document.hidden) network.redraw(); }, 50);
  }
  function mark() {
    const chosen = model.get("selected");
    network.selectNodes(nodes.get(chosen) ? [chosen] : [], false);
    beside.mark(chosen);
    bar.about(nodes.get(chosen), model.get("picture"));
  }
  const fill = () => beside.fill(nodes.get().filter((node) => node.kind !== "via" && matches(node)).sort((a, b) => (way.has(b.id) - way.has(a.id)) || a.x - b.x || a.y - b.y));
  const { finder } = bar;
  finder.addEventListener("input", () => { wanted = finder.value.trim().toLowerCase(); fill(); mark(); network.redraw(); });
  finder.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") beside.list.firstElementChild?.focus();
    if (event.key === "Escape") { finder.value = ""; finder.dispatchEvent(new Event("input")); }
  });
  network.on("click", ({ nodes: [id], pointer }) => {
    const node = nodes.get(id ?? ""), at = pointer.canvas;
    const band = node ? null : onBand(inner, at);
    if (band) talk.ask("steps", { id: band.id });
    if (!node) return;
    if (node.kind === "plan" && onSwitch(node, at)) talk.ask("switch", { plan: node.plan, on: !node.armed });
    else if (node.steps && onOpener(node, at)) talk.ask("steps", { id });
    else open(id);
  });
  network.on("beforeDrawing", (ctx) => paintBands(ctx, inner, c));
  // vis looks only while the pointer moves on the canvas: tell it that the pointer is far away.
  box.addEventListener("pointerleave", () => box.querySelector("canvas").dispatchEvent(new MouseEvent("mousemove", { clientX: -1e6, clientY: -1e6 })));
  for (const moved of ["dragEnd", "zoom"]) network.on(moved, () => { framed = null; });
  network.on("hoverNode", () => { box.style.cursor = "pointer"; });
  network.on("blurNode", () => { box.style.cursor = ""; });
  // The wheel scrolls the notebook until the canvas has the focus.
  box.addEventListener("wheel", (event) => { if (!box.contains(document.activeElement)) event.stopImmediatePropagation(); }, { capture: true });
  box.addEventListener("pointerdown", () => box.focus({ preventScroll: true }));

  // JupyterLab draws cells off the page, where no style reaches them: colours are read again on it.
  function recolour() {
    const before = JSON.stringify(c);
    c = palette(el);
    if (JSON.stringify(c) !== before) edges.update(edges.get().map(colour));
    network.redraw();
  }
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
  still.addEventListener("change", pulse);
  const theme = new MutationObserver(() => { if (el.isConnected) recolour(); });
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  const keep = (file) => saved(file.name, new Blob([file.text], { type: file.type }));
  model.on("msg:custom", keep);
  model.on("change:picture", draw);
  model.on("change:selected", mark);
  draw();
  return () => {
    clearInterval(beat);
    still.removeEventListener("change", pulse);
    size.disconnect();
    theme.disconnect();
    talk.close();
    model.off("msg:custom", keep);
    model.off("change:picture", draw);
    model.off("change:selected", mark);
    network.destroy();
  };
}
export default { render };

// The bars above the graph: where one is, how far one sees, how it is coloured, and what to save.
const COLOURINGS = [["kind", "by kind"], ["project", "by project"], ["state", "by state"]];
const FILES = [["html", "Web page (HTML)"], ["png", "Picture (PNG)"], ["svg", "Picture (SVG)"], ["mermaid", "Mermaid"]];

// A moment as the browser's own input has it, in the reader's time.
const local = (iso) => (iso ? new Date(new Date(iso) - new Date(iso).getTimezoneOffset() * 60000).toISOString().slice(0, 19) : "");

function tools(talk, { fit, picture }) {
  const button = (label, title, act) => h("button", { class: "hl-button", title, onclick: act }, label);
  const chosen = (label, options, act) => h("select", { class: "hl-select", "aria-label": label, title: label, onchange: (event) => act(event.target) },
    ...options.map(([value, text]) => h("option", { value }, text)));
  const more = (way) => () => talk.ask("more", { way });
  const part = {
    back: button("← Back", "The centre before this one", () => talk.ask("back")),
    trail: h("nav", { class: "hl-trail", "aria-label": "Trail" }),
    finder: h("input", { type: "search", class: "hl-find", placeholder: "Find in graph", "aria-label": "Find in graph" }),
    up: button("+1 up", "One more hop of what it came from", more("up")),
    down: button("+1 down", "One more hop of what came of it", more("down")),
    all: button("All", "Every hop, both ways", more("all")),
    cut: button("", "Load what was left out", more("cut")),
    steps: button("Steps", "What is inside of the selected execution, or that as one again", () => talk.ask("steps", { id: part.steps.dataset.run })),
    run: button("Open run", "The selected execution with its log and traceback", () => talk.ask("open", { id: part.run.dataset.run })),
    colour: chosen("Colours", COLOURINGS, (select) => talk.ask("colour", { by: select.value })),
    at: h("input", { type: "datetime-local", step: "1", class: "hl-at", "aria-label": "As of", onchange: (event) => {
      const moment = new Date(event.target.value);
      talk.ask("at", { at: Number.isNaN(moment.getTime()) ? "" : moment.toISOString() });
    } }),
    now: button("Now", "The lineage as it is known now", () => talk.ask("at", { at: "" })),
    from: chosen("Path from", [], () => way()),
    to: chosen("Path to", [], () => way()),
    save: chosen("Export", [["", "Export…"], ...FILES], (select) => {
      const what = select.value;
      select.value = "";
      if (what === "png") picture(); else if (what) talk.ask("save", { what });
    }),
  };
  const way = () => talk.ask("path", { ends: part.to.value ? [part.from.value, part.to.value] : [] });
  const gap = () => h("span", { class: "hl-gap" });
  const bar = h("div", { class: "hl-bar" },
    h("div", { class: "hl-tools" }, part.back, part.trail, gap(), part.run, part.steps, part.finder, part.from, part.to, part.save),
    h("div", { class: "hl-tools" }, part.up, part.down, part.all, part.cut, button("Fit", "Show the whole graph", fit),
      button("Tidy", "Lay the graph out anew, with siblings folded", () => talk.ask("tidy")), gap(),
      h("label", { class: "hl-asof" }, "As of", part.at), part.now, part.colour));
  function show(picture) {
    part.back.disabled = !picture.trail.length;
    part.up.disabled = !picture.up; part.down.disabled = !picture.down; part.all.disabled = !picture.up && !picture.down;
    part.cut.hidden = !picture.cut;
    part.cut.textContent = `Load ${Math.min(picture.cut, 1000)} more`;
    part.colour.value = picture.colour;
    if (document.activeElement !== part.at) part.at.value = local(picture.at);
    part.now.hidden = !picture.at;
    const [from, to] = picture.path.ends.length ? picture.path.ends : [picture.centre, ""];
    const versions = picture.nodes.filter((node) => node.kind === "version").sort((a, b) => a.x - b.x || a.y - b.y);
    const offer = (but, words) => versions.filter((node) => node.id !== but).map((node) => h("option", { value: node.id }, words + node.name));
    part.from.replaceChildren(...offer(to, "from "));
    part.to.replaceChildren(h("option", { value: "" }, to ? "No path" : "Path to…"), ...offer(from, to ? "to " : ""));
    part.from.value = from; part.to.value = to;
    part.from.hidden = !to;
    part.to.disabled = versions.length < 2;
    const crumbs = picture.trail.slice(-3).map((name, i, shown) => h("button", {
      class: "hl-crumb", title: `Back to ${name}`, onclick: () => talk.ask("back", { steps: shown.length - i }),
    }, name));
    part.trail.replaceChildren(...(picture.trail.length > 3 ? ["… › "] : []), ...crumbs.flatMap((crumb) => [crumb, " › "]), h("b", { title: picture.where }, picture.where));
  }
  // What can be done with the selected node.
  function about(node, picture) {
    const run = node?.kind === "execution" && !node.faded;
    part.run.hidden = !run || !picture.runs;
    part.run.dataset.run = run ? node.id : "";
    const steps = run && (node.inside || (node.steps ? node.id : ""));
    part.steps.hidden = !steps;
    part.steps.dataset.run = steps || "";
    part.steps.textContent = node?.inside ? `Close ${node.within}` : "Steps";
  }
  return { bar, show, about, finder: part.finder };
}

// One search line over a table that is filled page by page from the kernel.
const COLUMNS = [
  ["name", "Name"], ["version", "Version"], ["partitions", "Partitions"], ["kind", "Kind"],
  ["created", "Created"], ["producer", "Producer"], ["card", "Card"], ["size", "Size"],
];

function cell(row, key) {
  if (key === "created") return h("td", { title: row.created }, moment(row.created));
  if (key === "kind") return h("td", {}, h("span", { class: "hl-pill", "data-tone": row.kind }, row.kind));
  if (key !== "name") return h("td", { title: row[key], class: `hl-${key}` }, row[key]);
  const marks = row.marks.map(([text, tone]) => h("span", { class: "hl-pill", "data-tone": tone }, text));
  return h("td", { title: row.ref, class: "hl-name" }, h("div", {}, h("span", {}, row.name), ...marks));
}

function render({ model, el }) {
  own(el, "hl-search");
  const talk = kernel(model);
  const line = h("input", {
    type: "search", class: "hl-line", spellcheck: "false", autocomplete: "off", "aria-label": "Search artifacts",
    placeholder: "Search:  region=emea  kind=model  since=7d  up=prediction@3  not draft …",
  });
  const key = h("kbd", { title: "Press / to search" }, "/");
  const spot = h("pre", { class: "hl-spot", role: "alert" });
  const head = h("tr", {}, ...COLUMNS.map(([name, title]) => h("th", { scope: "col", class: `hl-${name}` }, title)));
  const body = h("tbody");
  const table = h("table", { role: "grid", "aria-label": "Versions found" }, h("thead", {}, head), body);
  const count = h("span", { class: "hl-count", role: "status", "aria-live": "polite" });
  const back = h("button", { class: "hl-button", onclick: () => talk.ask("page", { step: -1 }) }, "Newer");
  const on = h("button", { class: "hl-button", onclick: () => talk.ask("page", { step: 1 }) }, "Older");
  el.append(
    h("div", { class: "hl-linebox" }, line, key), spot, talk.line,
    h("div", { class: "hl-rows" }, table),
    h("div", { class: "hl-foot" }, count, h("span", { class: "hl-gap" }), back, on),
  );

  let timer = null;
  const search = () => { clearTimeout(timer); talk.ask("search", { text: line.value }); };
  line.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 160); });

  const rows = () => [...body.rows].filter((row) => row.dataset.ref);
  const focus = (row) => {
    if (!row) return;
    for (const other of rows()) other.tabIndex = other === row ? 0 : -1;
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const pick = (row) => { if (row?.dataset.ref) talk.ask("select", { ref: row.dataset.ref }); };

  function draw() {
    const page = model.get("page");
    const had = body.contains(document.activeElement) ? document.activeElement.dataset.ref : null;
    body.replaceChildren(...page.rows.map((row) => h("tr", {
      tabindex: "-1", "data-ref": row.ref, onclick: (event) => pick(event.currentTarget),
    }, ...COLUMNS.map(([name]) => cell(row, name)))));
    if (!page.rows.length) body.append(h("tr", {}, h("td", { colspan: COLUMNS.length, class: "hl-none" }, page.empty)));
    if (rows()[0]) rows()[0].tabIndex = 0;
    count.textContent = page.note;
    back.hidden = on.hidden = !page.newer && !page.older;
    back.disabled = !page.newer;
    on.disabled = !page.older;
    if (had) focus(rows().find((row) => row.dataset.ref === had) ?? rows()[0]);
    mark();
  }
  function mark() {
    const chosen = model.get("selected");
    for (const row of rows()) row.setAttribute("aria-selected", String(row.dataset.ref === chosen));
  }
  function fault() {
    const { text, at, message } = model.get("fault");
    line.setAttribute("aria-invalid", String(Boolean(message)));
    spot.textContent = message ? `${" ".repeat(at)}▲ ${message}` : "";
    if (message && text !== line.value) spot.textContent = message;
  }
  function text() { if (document.activeElement !== line) line.value = model.get("text"); }

  el.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("tr[data-ref]");
    const act = {
      "/": () => event.target !== line && (line.focus(), line.select(), true),
      Escape: () => { if (event.target === line && line.value) { line.value = ""; search(); } else line.focus(); return true; },
      Enter: () => (row ? pick(row) : event.target === line && (search(), focus(rows()[0])), Boolean(row) || event.target === line),
      ArrowDown: () => (row ? focus(row.nextElementSibling) : event.target === line && focus(rows()[0]), true),
      ArrowUp: () => (row && (row.previousElementSibling ? focus(row.previousElementSibling) : line.focus()), Boolean(row)),
      Home: () => row && (focus(rows()[0]), true),
      End: () => row && (focus(rows().at(-1)), true),
      PageDown: () => row && !on.disabled && (on.click(), true),
      PageUp: () => row && !back.disabled && (back.click(), true),
    }[event.key];
    if (act?.()) event.preventDefault();
  });

  const watched = { page: draw, selected: mark, fault, text };
  for (const [name, fn] of Object.entries(watched)) { model.on(`change:${name}`, fn); fn(); }
  return () => {
    clearTimeout(timer);
    talk.close();
    for (const [name, fn] of Object.entries(watched)) model.off(`change:${name}`, fn);
  };
}
export default { render };

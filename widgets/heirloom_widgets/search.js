// One search line over a table that is filled page by page from the kernel.
const COLUMNS = [
  ["name", "Name", ["name", "newest"]], ["version", "Version"], ["partitions", "Partitions"], ["kind", "Kind", ["kind", "newest"]],
  ["created", "Created", ["newest", "oldest"]], ["producer", "Producer", ["producer", "newest"]], ["card", "Card"], ["size", "Size"],
];
const RISING = ["oldest", "name", "kind", "producer"];
const FILTERS = [["kind", "Kind"], ["", "Partition"], ["by", "Producer"], ["since", "Time"], ["alias", "Alias"], ["is", "State"]];

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
  let timer = null;
  const search = () => { clearTimeout(timer); talk.ask("search", { text: line.value }); };
  const offered = completion(line, (text) => talk.ask("complete", { text }), search);
  const key = h("kbd", { title: "Press / to search" }, "/");
  const spot = h("pre", { class: "hl-spot", role: "alert" });
  const filters = FILTERS.map(([name, title]) => h("button", {
    class: "hl-filter", type: "button", "aria-label": `Filter by ${title.toLowerCase()}`, onclick: () => { offered.filter(name); fault(); },
  }, title));
  const heads = COLUMNS.map(([name, title, orders]) => h("th", { scope: "col", class: `hl-${name}`, "data-name": name },
    orders ? h("button", { class: "hl-sort", type: "button", "aria-label": `Sort by ${title.toLowerCase()}`, onclick: () => sort(orders) }, title) : title));
  const body = h("tbody");
  const table = h("table", { role: "grid", "aria-label": "Versions found" }, h("thead", {}, h("tr", {}, ...heads)), body);
  const count = h("span", { class: "hl-count", role: "status", "aria-live": "polite" });
  const back = h("button", { class: "hl-button", onclick: () => talk.ask("page", { step: -1 }) }, "Previous");
  const on = h("button", { class: "hl-button", onclick: () => talk.ask("page", { step: 1 }) }, "Next");
  el.append(
    h("div", { class: "hl-linebox" }, line, key, offered.list), spot,
    h("div", { class: "hl-filters", role: "group", "aria-label": "Filters" }, ...filters), talk.line,
    h("div", { class: "hl-rows" }, table),
    h("div", { class: "hl-foot" }, count, h("span", { class: "hl-gap" }), back, on),
  );

  const sort = (orders) => talk.ask("order", { order: orders[(orders.indexOf(model.get("order")) + 1) % orders.length] });
  line.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 160); offered.typed(); fault(); });
  line.addEventListener("blur", () => { offered.close(); fault(); });

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
    back.hidden = on.hidden = !page.before && !page.after;
    back.disabled = !page.before;
    on.disabled = !page.after;
    if (had) focus(rows().find((row) => row.dataset.ref === had) ?? rows()[0]);
    mark();
  }
  function mark() {
    const chosen = model.get("selected");
    for (const row of rows()) row.setAttribute("aria-selected", String(row.dataset.ref === chosen));
  }
  // While the line is being completed it is not finished: what is wrong with it is said after.
  function fault() {
    const { text, at, message } = model.get("fault");
    const said = message && !offered.open && text === line.value;
    line.setAttribute("aria-invalid", String(Boolean(said)));
    spot.textContent = said ? `${" ".repeat(at)}▲ ${message}` : "";
  }
  function text() { if (document.activeElement !== line) line.value = model.get("text"); }
  function order() {
    const present = model.get("order");
    COLUMNS.forEach(([, , orders], i) => {
      const sorted = orders?.includes(present) && (present !== "newest" || orders[0] === "newest");
      if (sorted) heads[i].setAttribute("aria-sort", RISING.includes(present) ? "ascending" : "descending");
      else heads[i].removeAttribute("aria-sort");
    });
  }
  function offers() { offered.draw(model.get("offers")); fault(); }

  el.addEventListener("keydown", (event) => {
    if (event.target === line && offered.key(event)) { fault(); event.preventDefault(); return; }
    const row = event.target.closest?.("tr[data-ref]");
    const act = {
      "/": () => event.target !== line && (line.focus(), line.select(), true),
      Escape: () => { if (event.target === line && line.value) { line.value = ""; search(); } else line.focus(); return true; },
      Enter: () => (row ? pick(row) : event.target === line && (search(), focus(rows()[0])), Boolean(row) || event.target === line),
      ArrowDown: () => (row ? focus(row.nextElementSibling) : event.target === line && focus(rows()[0]), Boolean(row) || event.target === line),
      ArrowUp: () => (row && (row.previousElementSibling ? focus(row.previousElementSibling) : line.focus()), Boolean(row)),
      Home: () => row && (focus(rows()[0]), true),
      End: () => row && (focus(rows().at(-1)), true),
      PageDown: () => row && !on.disabled && (on.click(), true),
      PageUp: () => row && !back.disabled && (back.click(), true),
    }[event.key];
    if (act?.()) event.preventDefault();
  });

  const end = drawn(model, el, { page: draw, selected: mark, fault, text, order, offers });
  return () => {
    clearTimeout(timer);
    talk.close();
    end();
  };
}
export default { render };

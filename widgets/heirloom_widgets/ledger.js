// The ledger: a row for each event at each plan, with the reason; a filter, and pages.
const COLUMNS = ["When", "Plan", "Version", "State", "Why", "Run"];

function render({ model, el }) {
  own(el, "hl-ledger");
  const talk = kernel(model);
  const plan = h("select", { class: "hl-select", "aria-label": "Plan", onchange: () => talk.ask("plan", { plan: plan.value }) });
  const state = h("select", { class: "hl-select", "aria-label": "State", onchange: () => talk.ask("state", { state: state.value }) });
  const body = h("tbody", {});
  const table = h("table", { "aria-label": "Ledger" }, h("thead", {}, h("tr", {}, ...COLUMNS.map((name) => h("th", { scope: "col" }, name)))), body);
  const newer = h("button", { class: "hl-button", type: "button", onclick: () => talk.ask("page", { step: -1 }) }, "Newer");
  const older = h("button", { class: "hl-button", type: "button", onclick: () => talk.ask("page", { step: 1 }) }, "Older");
  const page = h("span", { class: "hl-sub", role: "status" });
  const foot = h("div", { class: "hl-foot" }, newer, older, page);
  el.append(h("div", { class: "hl-runbar" }, h("b", {}, "Ledger"), h("span", { class: "hl-gap" }), plan, state), talk.line, h("div", { class: "hl-events" }, table), foot);
  function options(select, any, names, chosen) {
    if (document.activeElement === select && [...select.options].length === names.length + 1 && select.value === chosen) return;
    select.replaceChildren(h("option", { value: "" }, any), ...names.map((name) => h("option", { value: name }, name)));
    select.value = chosen;
  }
  function row(event) {
    const run = event.execution && h("button", { class: "hl-link", type: "button", title: `Execution ${event.execution}`, onclick: () => talk.ask("open", { id: event.execution }) }, "open");
    return h("tr", {}, h("td", { class: "hl-moment" }, moment(event.at)), h("td", {}, event.plan, h("span", { class: "hl-sub" }, ` v${event.version}`)),
      h("td", {}, event.what), h("td", {}, h("span", { class: "hl-pill", "data-tone": event.tone }, event.state)), h("td", { class: "hl-why" }, event.why), h("td", {}, run || ""));
  }
  function draw() {
    const at = body.contains(document.activeElement) ? document.activeElement.title : null;
    options(plan, "every plan", model.get("plans"), model.get("plan"));
    options(state, "any state", model.get("states"), model.get("state"));
    const rows = model.get("rows");
    body.replaceChildren(...rows.map(row));
    if (!rows.length) body.append(h("tr", {}, h("td", { class: "hl-none", colspan: String(COLUMNS.length) }, model.get("plan") || model.get("state") ? "No event is so." : "Nothing has fired yet.")));
    newer.disabled = !model.get("page");
    older.disabled = !model.get("more");
    foot.hidden = newer.disabled && older.disabled;
    page.textContent = `page ${model.get("page") + 1}`;
    if (at) [...body.querySelectorAll("button")].find((button) => button.title === at)?.focus();
  }
  const end = drawn(model, el, { rows: draw, plans: draw, plan: draw, state: draw, page: draw, more: draw });
  return () => { talk.close(); end(); };
}
export default { render };

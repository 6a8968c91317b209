// Who runs events: a line with a button, and the processes behind it.
function render({ model, el }) {
  own(el, "hl-reactors");
  const talk = kernel(model);
  const dot = h("span", { class: "hl-dot" });
  const status = h("span", { class: "hl-status", role: "status" });
  const act = h("button", { class: "hl-button", type: "button", onclick: () => talk.ask(model.get("here") ? "stop" : "start") });
  const table = h("table", {});
  const more = h("details", {}, h("summary", {}, "Processes"), table);
  el.append(h("div", { class: "hl-runbar" }, dot, status, h("span", { class: "hl-gap" }), act), talk.line, more);
  function draw() {
    const busy = model.get("busy");
    dot.dataset.tone = busy ? "busy" : model.get("running") ? "good" : "amber";
    status.textContent = busy ? `${busy} …` : model.get("status");
    act.textContent = model.get("here") ? "Stop the reactor" : "Start a reactor";
    act.disabled = Boolean(busy);
    const processes = model.get("processes");
    more.hidden = !processes.length;
    table.replaceChildren(h("tr", {}, ...model.get("headers").map((name) => h("th", { scope: "col" }, name))),
      ...processes.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", {}, cell)))));
  }
  const end = drawn(model, el, { status: draw, here: draw, running: draw, processes: draw, busy: draw });
  return () => { talk.close(); end(); };
}
export default { render };

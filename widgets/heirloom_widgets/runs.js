// Executions as a list that is walked with the keyboard, and buttons for the selected one.
function render({ model, el }) {
  own(el, "hl-runlist");
  const talk = kernel(model);
  const scope = ["This version", "All recent"].map((title, i) => h("button", {
    class: "hl-choice", type: "button", role: "radio", onclick: () => talk.ask("every", { on: i === 1 }),
  }, title));
  const actions = h("span", { class: "hl-actions" });
  const bar = h("div", { class: "hl-bar-busy", role: "progressbar", hidden: true });
  const said = h("div", { class: "hl-said", role: "status", "aria-live": "polite" });
  const list = h("ul", { role: "listbox", "aria-label": "Executions" });
  el.append(
    h("div", { class: "hl-runbar" }, h("span", { class: "hl-choices", role: "radiogroup", "aria-label": "Executions of" }, ...scope), h("span", { class: "hl-gap" }), actions),
    bar, talk.line, said, list,
  );
  let clock = null;
  const items = () => [...list.querySelectorAll("li[data-id]")];
  const open = (id) => talk.ask("open", { id });

  function draw() {
    const had = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    list.replaceChildren(...model.get("runs").map((run) => run.head
      ? h("li", { class: "hl-grouphead", role: "presentation" }, run.head)
      : stepRow(run, open)));
    select();
    if (had) items().find((item) => item.dataset.id === had)?.focus();
    tick();
  }
  function select() {
    const chosen = model.get("selected");
    for (const item of items()) {
      item.setAttribute("aria-selected", String(item.dataset.id === chosen));
      item.tabIndex = item.dataset.id === chosen ? 0 : -1;
    }
    if (items()[0] && !items().some((item) => item.tabIndex === 0)) items()[0].tabIndex = 0;
  }
  function tick() {
    clearTimeout(clock);
    if (timeSteps(list)) clock = setTimeout(tick, 1000);
  }
  let since = 0;
  let ticking = null;
  function state() {
    scope.forEach((button, i) => button.setAttribute("aria-checked", String(model.get("every") === (i === 1))));
    const busy = model.get("busy");
    bar.hidden = !busy;
    clearInterval(ticking);
    if (busy) {
      since = Date.now();
      const count = () => { said.textContent = `${busy} … ${Math.round((Date.now() - since) / 1000)} s`; };
      count();
      ticking = setInterval(count, 500);
    } else said.textContent = model.get("said");
    actions.replaceChildren(...model.get("actions").map(([act, title]) => h("button", {
      class: "hl-button", type: "button", disabled: Boolean(busy), onclick: () => talk.ask("act", { act }),
    }, title)));
  }
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("li[data-id]");
    if (!item) return;
    const all = items();
    const to = { ArrowDown: all[all.indexOf(item) + 1], ArrowUp: all[all.indexOf(item) - 1], Home: all[0], End: all.at(-1) }[event.key];
    if (to) { to.focus(); to.scrollIntoView({ block: "nearest" }); event.preventDefault(); }
    if (event.key === "Enter" || event.key === " ") { open(item.dataset.id); event.preventDefault(); }
  });
  const end = drawn(model, el, { runs: draw, selected: select, actions: state, every: state, busy: state, said: state });
  return () => {
    clearTimeout(clock);
    clearInterval(ticking);
    talk.close();
    end();
  };
}
export default { render };

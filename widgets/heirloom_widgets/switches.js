// Plans, one row each, with the switch that arms or disarms it, and what came while it was off.
const MISSED = [["none", "Run none"], ["newest", "Run the newest"], ["each", "Run each"]];

function row(plan, chosen, asks, talk) {
  const state = plan.armed ? "armed" : "off";
  const toggle = h("button", {
    class: "hl-switch", role: "switch", "aria-checked": String(plan.armed), "aria-label": `${plan.name}: ${state}`,
    title: plan.armed ? "Disarm: later versions start nothing" : "Arm: later versions start it",
    onclick: (event) => { event.stopPropagation(); talk.ask("switch", { plan: plan.name, on: !plan.armed }); },
  }, h("span", { class: "hl-knob" }), h("span", {}, state));
  const pick = () => talk.ask("plan", { plan: plan.name });
  const line = (text) => (text ? h("div", { class: "hl-sub", title: text }, text) : null);
  return h("li", { "data-plan": plan.name, "aria-current": chosen ? "true" : undefined, onclick: pick },
    h("div", { class: "hl-what" },
      h("button", { class: "hl-link", "aria-expanded": String(chosen), onclick: (event) => { event.stopPropagation(); pick(); } }, plan.name),
      plan.approved ? null : h("span", { class: "hl-pill", "data-tone": "amber" }, "awaits approval"),
      line(plan.about), line(plan.last), line(plan.next),
      asks.plan === plan.name ? question(asks, talk) : null),
    toggle);
}

function question(asks, talk) {
  const came = asks.one ? `One event came while it was off: ${asks.newest}.` : `${asks.count} events came while it was off, the newest ${asks.newest}.`;
  const answer = (missed) => talk.ask("switch", { plan: asks.plan, on: true, version: asks.version, missed });
  const offered = asks.one ? [["none", "Skip it"], ["each", "Run it"]] : MISSED;
  const leave = () => talk.ask("leave");
  return h("div", { class: "hl-asks-missed", role: "group", "aria-label": "Missed events", onclick: (event) => event.stopPropagation(),
    onkeydown: (event) => { if (event.key === "Escape") leave(); } },
    h("span", {}, came),
    ...offered.map(([missed, title]) => h("button", { class: "hl-button", type: "button", onclick: () => answer(missed) }, title)),
    h("button", { class: "hl-button hl-quiet", type: "button", onclick: leave }, "Leave it off"));
}

function render({ model, el }) {
  own(el, "hl-plans");
  const talk = kernel(model);
  const list = h("ul", { "aria-label": "Triggers" });
  const said = h("div", { class: "hl-sub hl-said", role: "status" });
  el.append(list, said, talk.line);
  let asked = "";
  function draw() {
    const at = document.activeElement?.closest?.("li")?.dataset.plan;
    const toggles = document.activeElement?.classList.contains("hl-switch");
    const asks = model.get("asks");
    said.textContent = model.get("said");
    const plans = model.get("plans");
    list.replaceChildren(...plans.map((plan) => row(plan, plan.name === model.get("selected"), asks, talk)));
    if (!plans.length) list.append(h("li", { class: "hl-none" }, model.get("empty")));
    const was = at && [...list.children].find((li) => li.dataset.plan === at);
    if (asks.plan && (asks.plan !== asked || at === asks.plan)) list.querySelector(".hl-asks-missed button")?.focus();
    else if (was) was.querySelector(toggles || asked === at ? ".hl-switch" : ".hl-link")?.focus();
    asked = asks.plan ?? "";
  }
  const end = drawn(model, el, { plans: draw, selected: draw, empty: draw, said: draw, asks: draw });
  return () => { talk.close(); end(); };
}
export default { render };

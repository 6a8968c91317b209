const WATCHED = ["plans", "selected", "empty", "said"];

// Plans, one row each, with the switch that arms or disarms it.
function row(plan, chosen, talk) {
  const state = plan.armed ? "armed" : "off";
  const toggle = h("button", {
    class: "hl-switch", role: "switch", "aria-checked": String(plan.armed), "aria-label": `${plan.name}: ${state}`,
    title: plan.armed ? "Disarm: later versions start nothing" : "Arm: later versions start it",
    onclick: (event) => { event.stopPropagation(); talk.ask("switch", { plan: plan.name, on: !plan.armed }); },
  }, h("span", { class: "hl-knob" }), h("span", {}, state));
  const pick = () => talk.ask("plan", { plan: plan.name });
  return h("li", { "data-plan": plan.name, "aria-current": chosen ? "true" : undefined, onclick: pick },
    h("div", { class: "hl-what" },
      h("button", { class: "hl-link", onclick: (event) => { event.stopPropagation(); pick(); } }, plan.name),
      h("div", { class: "hl-sub", title: plan.about }, plan.about),
      plan.last ? h("div", { class: "hl-sub" }, plan.last) : null),
    toggle);
}

function render({ model, el }) {
  own(el, "hl-plans");
  const talk = kernel(model);
  const list = h("ul", { "aria-label": "Triggers" });
  const said = h("div", { class: "hl-sub hl-said", role: "status" });
  el.append(list, said, talk.line);
  const draw = () => {
    const at = document.activeElement?.closest?.("li")?.dataset.plan;
    const toggles = document.activeElement?.classList.contains("hl-switch");
    said.textContent = model.get("said");
    const plans = model.get("plans");
    list.replaceChildren(...plans.map((plan) => row(plan, plan.name === model.get("selected"), talk)));
    if (!plans.length) list.append(h("li", { class: "hl-none" }, model.get("empty")));
    if (at) [...list.children].find((li) => li.dataset.plan === at)?.querySelector(toggles ? ".hl-switch" : ".hl-link")?.focus();
  };
  for (const name of WATCHED) model.on(`change:${name}`, draw);
  draw();
  return () => { talk.close(); for (const name of WATCHED) model.off(`change:${name}`, draw); };
}
export default { render };

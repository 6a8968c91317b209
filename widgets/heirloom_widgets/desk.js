// What can be done with a plan: a version picked and activated, a preview, its code and its approval.
function render({ model, el }) {
  own(el, "hl-desk");
  const talk = kernel(model);
  const name = h("b", {});
  const pick = h("select", { class: "hl-select", "aria-label": "Version of the plan", onchange: () => talk.ask("pick", { version: Number(pick.value) }) });
  const arm = h("button", { class: "hl-button", type: "button", onclick: () => talk.ask("activate") });
  const code = h("button", { class: "hl-button", type: "button", onclick: () => talk.ask(model.get("shows") === "review" ? "close" : "review") });
  const ref = h("input", { type: "text", class: "hl-variable hl-event", spellcheck: "false", "aria-label": "One more version of" });
  const look = h("button", { class: "hl-button", type: "button", onclick: preview }, "Preview");
  const away = h("button", { class: "hl-button hl-quiet", type: "button", onclick: () => talk.ask("close") }, "Close");
  const approve = h("button", { class: "hl-button hl-primary", type: "button", onclick: () => talk.ask("approve") });
  const bar = h("div", { class: "hl-bar-busy", role: "progressbar", hidden: true });
  const said = h("div", { class: "hl-said", role: "status", "aria-live": "polite" });
  const own_ = h("span", { class: "hl-ofplan" }, name, pick, arm, code);
  el.append(h("div", { class: "hl-runbar" }, own_, h("span", { class: "hl-gap" }), h("label", { class: "hl-sub" }, "one more version of ", ref), look, away),
    bar, said, talk.line, h("div", { class: "hl-runbar hl-approval" }, approve));
  function preview() { talk.ask("preview", { ref: ref.value }); }
  ref.addEventListener("keydown", (event) => { if (event.key === "Enter") preview(); });
  function draw() {
    const plan = model.get("plan");
    const picked = model.get("picked");
    own_.hidden = !plan.name;
    name.textContent = plan.name ?? "";
    pick.replaceChildren(...(plan.versions ?? []).map((version) => h("option", { value: String(version) }, version === plan.version ? `v${version}, ${plan.armed ? "armed" : "off"}` : `v${version}`)));
    pick.value = String(picked);
    arm.hidden = !plan.name || (plan.armed && picked === plan.version);
    arm.textContent = plan.armed ? `Move to v${picked}` : `Arm v${picked}`;
    code.textContent = model.get("shows") === "review" ? "Hide the code" : "Review the code";
    ref.placeholder = plan.name ? "what it listens to" : "sales[region=emea]";
    away.hidden = model.get("shows") !== "preview";
    bar.hidden = !model.get("busy");
    said.textContent = model.get("said");
    approve.parentElement.hidden = !model.get("approvable");
    approve.textContent = `Approve v${picked} by ${plan.by ?? ""}`;
  }
  const end = drawn(model, el, { plan: draw, picked: draw, shows: draw, approvable: draw, busy: draw, said: draw });
  return () => { talk.close(); end(); };
}
export default { render };

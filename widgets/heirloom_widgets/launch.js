// A launch form: a row for each input, the versions that fit in a list below it, what runs below all.
let forms = 0;

function rowOf(field, model, talk, form) {
  const id = `hl-launch-${form}-${field.name}`;
  const give = (given) => {
    const { [field.name]: _, ...others } = model.get("given");
    model.set("given", given === null ? others : { ...others, [field.name]: given });
    model.save_changes();
  };
  const typed = field.widget === "version" ? null
    : control(field, id, (text) => give(text === null ? null : { text }));
  const now = h("div", { class: "hl-now", id: typed ? undefined : id });
  const over = h("button", { class: typed ? "hl-button hl-quiet" : "hl-button", type: "button", "aria-haspopup": "listbox", onclick: toggle }, typed ? "Version …" : "Override");
  const back = h("button", { class: "hl-button hl-quiet", type: "button", "aria-label": `Back to what ${field.name} is by itself`, onclick: reset }, "Back");
  const hint = h("div", { class: "hl-sub hl-hint" });
  const fault = h("div", { class: "hl-trouble", role: "alert", id: `${id}-fault` });
  const list = offered(field, talk, over);
  const label = { id: `${id}-name`, class: "hl-inputname", for: typed && field.widget !== "bool" ? id : undefined };
  const root = h("div", { class: "hl-input", role: "group", "aria-labelledby": `${id}-name`, "data-input": field.name },
    h("div", { class: "hl-asks" }, h("label", label, field.name), h("div", { class: "hl-sub", title: field.type }, field.type)),
    h("div", { class: "hl-answers" },
      h("div", { class: "hl-answer" }, typed?.node ?? null, now, field.fixed ? null : over, back), hint, fault, list.node));
  function toggle() { talk.ask("offer", { name: list.node.hidden ? field.name : "" }); }
  function reset() { give(null); (typed?.node ?? over).focus?.(); typed?.show(field.text, true); }
  return {
    root, id,
    draw() {
      const given = model.get("given")[field.name];
      const present = model.get("fields").find((each) => each.name === field.name) ?? field;
      const version = given?.ref ? given : present.now;
      if (typed) {
        typed.node.hidden = Boolean(given?.ref);
        typed.show(given?.text ?? present.text);
      }
      now.replaceChildren(...(version.ref && (!typed || given) ? shownVersion(version) : typed ? [] : [h("span", { class: "hl-sub" }, "no version")]));
      now.classList.toggle("hl-chosen", Boolean(given?.ref));
      now.hidden = Boolean(typed && !given?.ref);
      back.hidden = !given;
      hint.textContent = given ? instead(present, given) : present.hint;
      const said = model.get("faults")[field.name] ?? "";
      fault.textContent = said;
      root.classList.toggle("hl-wrong", Boolean(said));
      const at = typed?.node ?? over;
      at.setAttribute("aria-invalid", String(Boolean(said)));
      if (said) at.setAttribute("aria-describedby", fault.id); else at.removeAttribute("aria-describedby");
      const offers = model.get("offers");
      list.draw(offers.name === field.name ? offers : null, version.ref);
      over.setAttribute("aria-expanded", String(offers.name === field.name));
    },
    focus() { (typed && !typed.node.hidden ? (typed.node.querySelector?.("button") ?? typed.node) : over).focus(); },
  };
}

function instead(field, given) {
  if (field.now.ref) return given.ref === field.now.ref ? "As it is by itself." : `In place of ${field.now.label}.`;
  return given.ref ? "A version in place of a typed value." : "";
}

function shownVersion(version) {
  return [h("b", {}, version.label), h("span", { class: "hl-sub", title: version.partitions }, version.partitions), h("span", { class: "hl-sub" }, moment(version.created))];
}

// The versions that fit: chosen with keys or a click, or any by its ref.
function offered(field, talk, opener) {
  const give = (ref) => { talk.ask("give", { name: field.name, ref }); opener.focus(); };
  const close = () => { talk.ask("offer", { name: "" }); opener.focus(); };
  const any = h("input", { type: "text", class: "hl-entry", spellcheck: "false", "aria-label": `A version for ${field.name} by its ref`, placeholder: "any ref: sales@7, sales[region=emea]@champion" });
  const list = h("ul", { role: "listbox", "aria-label": `Versions that fit ${field.name}` });
  const more = h("button", { class: "hl-button", type: "button", onclick: () => talk.ask("more") }, "More");
  const said = h("span", { class: "hl-sub", role: "status" });
  const trouble = h("div", { class: "hl-trouble" });
  const node = h("div", { class: "hl-offered", hidden: true }, any, trouble, list, h("div", { class: "hl-foot" }, more, said));
  const items = () => [...list.children].filter((item) => item.dataset.ref);
  node.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("li[data-ref]");
    const all = items();
    const to = { ArrowDown: item ? all[all.indexOf(item) + 1] ?? more : all[0], ArrowUp: item && (all[all.indexOf(item) - 1] ?? any), Home: item && all[0], End: item && all.at(-1) }[event.key];
    if (to) { to.focus(); to.scrollIntoView({ block: "nearest" }); event.preventDefault(); }
    if (event.key === "Enter" && item) { give(item.dataset.ref); event.preventDefault(); }
    if (event.key === "Enter" && event.target === any && any.value.trim()) give(any.value.trim());
    if (event.key === "Escape") { close(); event.preventDefault(); }
  });
  return {
    node,
    draw(offers, chosen) {
      const opens = node.hidden && offers;
      node.hidden = !offers;
      if (!offers) return;
      const at = list.contains(document.activeElement) ? document.activeElement.dataset.ref : null;
      const count = list.childElementCount;
      list.replaceChildren(...offers.rows.map((row) => h("li", {
        role: "option", tabindex: "-1", "data-ref": row.ref, title: row.card || row.ref, "aria-selected": String(row.ref === chosen), onclick: () => give(row.ref),
      }, h("b", {}, row.label), h("span", { class: "hl-sub hl-parts" }, row.partitions), h("span", { class: "hl-sub" }, moment(row.created)))));
      if (!offers.rows.length && !offers.busy) list.append(h("li", { class: "hl-none", role: "presentation" }, "No version fits."));
      more.hidden = !offers.more;
      trouble.textContent = offers.trouble;
      said.textContent = offers.busy ? "Looking …" : offers.more ? `the newest ${offers.rows.length}` : offers.rows.length ? `all ${offers.rows.length}` : "";
      if (at) items().find((item) => item.dataset.ref === at)?.focus();
      else if (opens) any.focus();
      else if (document.activeElement === more && more.hidden) items()[count]?.focus();
    },
  };
}

function render({ model, el }) {
  own(el, "hl-launch");
  const talk = kernel(model);
  forms += 1;
  const form = forms;
  const known = h("datalist", { id: `hl-targets-${form}` });
  const target = h("input", { type: "text", class: "hl-entry", list: known.id, spellcheck: "false", "aria-label": "What to launch", placeholder: "a plan, a workflow of this notebook, or the path of a notebook" });
  const pick = h("div", { class: "hl-target" }, target, known, h("button", { class: "hl-button", type: "button", onclick: choose }, "Show its form"));
  const title = h("div", { class: "hl-formtitle" });
  const inputs = h("div", { class: "hl-inputs" });
  const start = h("button", { class: "hl-button hl-primary", type: "button", onclick: () => { pressed = true; talk.ask("launch", { given: model.get("given") }); } }, "Launch");
  const cancel = h("button", { class: "hl-button", type: "button", onclick: () => talk.ask("cancel") }, "Cancel");
  const bar = h("div", { class: "hl-bar-busy", role: "progressbar", "aria-label": "Running", hidden: true });
  const said = h("div", { class: "hl-said", role: "status", "aria-live": "polite" });
  const steps = h("ul", { role: "listbox", "aria-label": "Steps of the run" });
  const made = h("div", { class: "hl-made" });
  const foot = h("div", { class: "hl-runbar hl-start" }, start, cancel);
  el.append(pick, title, talk.line, inputs, foot, bar, said, h("div", { class: "hl-runlist" }, steps), made);
  let rows = [];
  let shape = "";
  let pressed = false;
  let since = 0;
  let ticking = null;
  let clock = null;
  function choose() { talk.ask("target", { text: target.value }); }
  const open = (id) => talk.ask("open", { id });
  target.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(); });

  function draw() {
    const fields = model.get("fields");
    const now = JSON.stringify([model.get("target"), fields.map(({ now: _, hint: __, ...fixed }) => fixed)]);
    if (now !== shape) {
      shape = now;
      rows = fields.map((field) => rowOf(field, model, talk, form));
      inputs.replaceChildren(...rows.map((row) => row.root));
    }
    rows.forEach((row) => row.draw());
  }
  function head() {
    const text = model.get("title");
    pick.hidden = !model.get("chooses");
    known.replaceChildren(...model.get("targets").map((name) => h("option", { value: name })));
    if (document.activeElement !== target && model.get("target")) target.value = model.get("target");
    title.textContent = text;
    foot.hidden = !text;
  }
  function state() {
    const busy = model.get("busy");
    start.disabled = Boolean(busy);
    cancel.hidden = !busy || !model.get("steps").length;
    bar.hidden = !busy;
    clearInterval(ticking);
    if (busy) {
      since ||= Date.now();
      const tick = () => { said.textContent = `${busy} … ${Math.round((Date.now() - since) / 1000)} s`; };
      tick();
      ticking = setInterval(tick, 500);
    } else {
      since = 0;
      said.textContent = model.get("said");
    }
    said.classList.toggle("hl-trouble", !busy && model.get("failed") && Boolean(model.get("said")));
  }
  function progress() {
    const at = steps.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const chosen = model.get("selected");
    steps.replaceChildren(...model.get("steps").map((run) => stepRow(run, open)));
    steps.parentElement.hidden = !steps.childElementCount;
    [...steps.children].forEach((item, i) => {
      item.setAttribute("aria-selected", String(item.dataset.id === chosen));
      item.tabIndex = i === 0 ? 0 : -1;
      if (item.dataset.id === at) item.focus();
    });
    made.replaceChildren(...model.get("made").flatMap(([ref, text], i) => [i ? ", " : "made ",
      h("button", { class: "hl-link", type: "button", title: ref, onclick: () => talk.ask("see", { ref }) }, text)]));
    tick();
    state();
  }
  function tick() {
    clearTimeout(clock);
    if (timeSteps(steps)) clock = setTimeout(tick, 1000);
  }
  // Whoever pressed the button is led to the first input that is wrong, else has it again.
  function told() {
    state();
    if (!pressed || model.get("busy") || !model.get("said")) return;
    pressed = false;
    const wrong = rows.find((row) => row.root.classList.contains("hl-wrong"));
    if (wrong || el.contains(document.activeElement) || document.activeElement === document.body) (wrong ?? start).focus();
  }
  steps.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("li[data-id]");
    const to = item && { ArrowDown: item.nextElementSibling, ArrowUp: item.previousElementSibling }[event.key];
    if (to) { to.focus(); event.preventDefault(); }
    if (item && (event.key === "Enter" || event.key === " ")) { open(item.dataset.id); event.preventDefault(); }
  });
  const end = drawn(model, el, {
    chooses: head, targets: head, target: head, title: head, fields: draw, given: draw, offers: draw, faults: draw,
    busy: told, said: told, failed: state, steps: progress, selected: progress, made: progress,
  });
  return () => {
    clearInterval(ticking);
    clearTimeout(clock);
    talk.close();
    end();
  };
}
export default { render };

// The line that pulls, under a name and in a form of the reader's choice; copied, or run here.
function render({ model, el }) {
  own(el, "hl-pull");
  const talk = kernel(model);
  const name = h("input", { type: "text", class: "hl-variable", spellcheck: "false", autocomplete: "off", "aria-label": "Name in this notebook" });
  const forms = ["as itself", "as DataFrame"].map((title, i) => h("button", {
    class: "hl-choice", type: "button", role: "radio", onclick: () => take("frame", i === 1),
  }, title));
  const pre = h("pre");
  const pull = h("button", { class: "hl-button hl-primary", type: "button", onclick: () => talk.ask("pull") }, "Pull");
  const bar = h("div", { class: "hl-bar-busy", role: "progressbar", hidden: true });
  const said = h("div", { class: "hl-said", role: "status", "aria-live": "polite" });
  const shown = h("div", { class: "hl-shown" });
  el.append(
    h("div", { class: "hl-codeline" }, pre, copyButton(pre), pull),
    h("div", { class: "hl-pullbar" }, h("label", {}, "name ", name), h("span", { class: "hl-choices", role: "radiogroup", "aria-label": "Form" }, ...forms)),
    bar, talk.line, said, shown,
  );
  let since = 0;
  let ticking = null;
  const take = (trait, value) => { model.set(trait, value); model.save_changes(); };
  name.addEventListener("input", () => take("name", name.value.trim()));
  name.addEventListener("keydown", (event) => { if (event.key === "Enter") talk.ask("pull"); });

  function draw() {
    if (document.activeElement !== name) name.value = model.get("name");
    forms.forEach((button, i) => button.setAttribute("aria-checked", String(model.get("frame") === (i === 1))));
    pre.textContent = model.get("code");
  }
  function state() {
    const busy = model.get("busy");
    pull.disabled = Boolean(busy);
    bar.hidden = !busy;
    clearInterval(ticking);
    if (busy) {
      since = Date.now();
      const tick = () => { said.textContent = `${busy} … ${Math.round((Date.now() - since) / 1000)} s`; };
      tick();
      ticking = setInterval(tick, 500);
    } else said.textContent = model.get("said");
    said.classList.toggle("hl-trouble", !busy && model.get("failed") && Boolean(model.get("said")));
    shown.innerHTML = model.get("shown"); // made by heirloom.render, which escapes what it is given
  }
  const end = drawn(model, el, { name: draw, frame: draw, code: draw, busy: state, said: state, failed: state, shown: state });
  return () => {
    clearInterval(ticking);
    talk.close();
    end();
  };
}
export default { render };

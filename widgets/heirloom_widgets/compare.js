// The two versions that are compared: the selected one, and another from a list or by its ref.
function render({ model, el }) {
  own(el, "hl-pair");
  const talk = kernel(model);
  const pick = h("select", { class: "hl-select", "aria-label": "Versions of this artifact", onchange: () => pick.value && ask(pick.value) });
  const line = h("input", { type: "text", class: "hl-variable", spellcheck: "false", "aria-label": "Compare with this ref", placeholder: "or any ref: sales@7" });
  const other = h("b", {});
  const here = h("b", {});
  el.append(
    h("div", { class: "hl-runbar" }, other, h("span", { class: "hl-sub" }, "→"), here, h("span", { class: "hl-gap" }),
      h("label", { class: "hl-sub" }, "compare with "), pick, line),
    talk.line,
  );
  const ask = (ref) => talk.ask("with", { ref });
  line.addEventListener("keydown", (event) => { if (event.key === "Enter" && line.value.trim()) ask(line.value.trim()); });
  function draw() {
    const chosen = model.get("other");
    other.textContent = chosen || "…";
    here.textContent = model.get("this");
    const offered = model.get("offered");
    pick.replaceChildren(h("option", { value: "" }, offered.length ? "a version" : "no other version"), ...offered.map((ref) => h("option", { value: ref }, ref)));
    pick.value = offered.includes(chosen) ? chosen : "";
    pick.disabled = !offered.length;
  }
  const end = drawn(model, el, { this: draw, other: draw, offered: draw });
  return () => { talk.close(); end(); };
}
export default { render };

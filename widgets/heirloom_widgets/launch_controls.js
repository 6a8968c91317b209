// One control for each way in which an input is asked for: its node, and what shows a text in it.
const HOLDS = { int: "numeric", float: "decimal" };
const EXAMPLE = { datetime: "2026-01-31T12:00:00+00:00", file: "path or URL", json: "JSON" };

function control(field, id, set) {
  if (field.widget === "bool") return truths(field, id, set);
  if (field.widget === "choice") return choices(field, id, set);
  return line(field, id, set);
}

function truths(field, id, set) {
  const buttons = ["true", "false"].map((truth) => h("button", {
    class: "hl-choice", type: "button", role: "radio", disabled: field.fixed, onclick: () => set(truth),
  }, truth));
  const node = h("span", { id, class: "hl-choices", role: "radiogroup", "aria-labelledby": `${id}-name` }, ...buttons);
  return { node, show: (text) => buttons.forEach((button) => button.setAttribute("aria-checked", String(button.textContent === text))) };
}

function choices(field, id, set) {
  const none = field.text === "" ? [h("option", { value: "" }, field.required ? "choose one" : "None")] : [];
  const node = h("select", { id, class: "hl-select", disabled: field.fixed, onchange: () => set(node.value === "" ? null : node.value) },
    ...none, ...field.choices.map((choice, i) => h("option", { value: String(i) }, choice)));
  return { node, show: (text) => { node.value = text; } };
}

// An empty line means that nothing is given, but where the input is a text.
function line(field, id, set) {
  const long = field.widget === "json" || (field.widget === "str" && field.text.includes("\n"));
  const node = h(long ? "textarea" : "input", {
    id, class: `hl-entry hl-is-${field.widget}`, spellcheck: "false", autocomplete: "off", disabled: field.fixed,
    type: long ? undefined : field.widget === "date" ? "date" : "text", rows: long ? "2" : undefined,
    inputmode: HOLDS[field.widget], placeholder: EXAMPLE[field.widget],
    oninput: () => set(node.value === "" && field.widget !== "str" ? null : node.value),
  });
  return { node, show: (text) => { if (document.activeElement !== node) node.value = text; } };
}

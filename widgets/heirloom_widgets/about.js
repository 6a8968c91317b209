// What is known of a version: names and values, some of which lead elsewhere.
function render({ model, el }) {
  own(el, "hl-about");
  const talk = kernel(model);
  const box = h("dl", {});
  el.append(talk.line, box);
  function part(piece) {
    if (typeof piece === "string") return piece;
    if (piece.open) return h("button", { class: "hl-link", type: "button", title: piece.title, onclick: () => talk.ask("open", piece.open) }, piece.text);
    if (piece.here !== undefined) return placeLink(model, piece);
    return h("span", { title: piece.title, class: piece.class }, piece.text);
  }
  function draw() {
    box.replaceChildren(...model.get("facts").flatMap(([name, pieces]) => [
      h("dt", {}, name), h("dd", {}, ...pieces.map(part)),
    ]));
  }
  const end = drawn(model, el, { facts: draw });
  return () => { talk.close(); end(); };
}
export default { render };

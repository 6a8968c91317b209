// A line of code with a button that copies it.
async function copied(text, pre) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(pre);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }
}

function render({ model, el }) {
  own(el, "hl-copy");
  const pre = h("pre");
  const button = h("button", { class: "hl-button", "aria-label": "Copy the code" }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = (await copied(model.get("code"), pre)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  const draw = () => { pre.textContent = model.get("code"); };
  el.append(pre, button);
  model.on("change:code", draw);
  draw();
  return () => model.off("change:code", draw);
}
export default { render };

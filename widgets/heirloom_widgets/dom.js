// What every view shares. Text enters the page as text nodes only, so it can never be markup.
function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Questions to the kernel, each with a number; says so when no answer comes, and what went wrong.
function kernel(model) {
  const line = h("div", { class: "hl-trouble", role: "status", "aria-live": "polite" });
  let seq = model.get("answer");
  let timer = null;
  const say = () => { line.textContent = model.get("trouble"); line.dataset.kind = "error"; };
  const wait = () => { line.textContent = "The kernel is busy; this is answered when it is free."; line.dataset.kind = "wait"; };
  const heard = () => {
    if (model.get("answer") < seq) return;
    clearTimeout(timer);
    say();
  };
  model.on("change:answer", heard);
  model.on("change:trouble", say);
  say();
  return {
    line,
    ask(kind, more = {}) {
      seq += 1;
      clearTimeout(timer);
      timer = setTimeout(wait, 1500);
      model.send({ kind, seq, ...more });
    },
    close() {
      clearTimeout(timer);
      model.off("change:answer", heard);
      model.off("change:trouble", say);
    },
  };
}

// JupyterLab's command keys (a, b, dd …) must not act on the notebook while a view has the focus.
function own(el, ...classes) {
  el.classList.add("hl", ...classes);
  el.dataset.lmSuppressShortcuts = "true";
  el.dataset.jpSuppressContextMenu = "true";
  el.addEventListener("keydown", (event) => event.stopPropagation());
}

const pad = (number) => String(number).padStart(2, "0");
function moment(iso) {
  const t = new Date(iso);
  if (Number.isNaN(t.getTime())) return "";
  return `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())} ${pad(t.getHours())}:${pad(t.getMinutes())}`;
}

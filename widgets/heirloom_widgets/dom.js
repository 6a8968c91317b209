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

const BUSY = "The kernel is busy; this is answered when it is free.";
const WORKING = "Working …";
const SILENT = "No answer yet. If the kernel has ended, start it and run the cell again.";
const LOST = "The kernel is free, but does not answer this part of the panel. Run the cell again.";
const GONE = "The kernel that made this panel was restarted, changed or ended. Run the cell again.";
const CLOSED = "This part of the panel was closed in the kernel. Run the cell again to have it back.";

// Questions to the kernel, each with a number; says so when no answer comes, and what went wrong.
function kernel(model) {
  const line = h("div", { class: "hl-trouble", role: "status", "aria-live": "polite" });
  let seq = model.get("answer");
  let timer = null;
  let gone = false;
  const tell = (text, kind) => { line.textContent = text; line.dataset.kind = kind; };
  const say = () => tell(model.get("trouble"), "error");
  // What goes on beside the kernel says so only where it is waited for.
  let slow = null;
  const works = () => {
    clearTimeout(slow);
    if (model.get("working")) slow = setTimeout(() => tell(WORKING, "wait"), 700);
    else if (line.textContent === WORKING) say();
  };
  // Whoever made the widget may have ended it: a kernel that is free would have answered by now.
  const free = () => model.widget_manager?.kernel?.status === "idle";
  const wait = () => {
    tell(free() ? LOST : BUSY, "wait");
    timer = setTimeout(() => tell(free() ? LOST : SILENT, "wait"), 20000);
  };
  const end = () => {
    gone = true;
    clearTimeout(timer);
    clearTimeout(slow);
    // Of the views in one panel the first says it; the others when they are asked something.
    if (!line.closest(".hl-right")) tell(GONE, "wait");
  };
  // The page takes a view away whose widget is closed; of a panel that is closed nothing stays.
  const closed = () => line.closest(".hl")?.after(h("div", { class: "hl hl-trouble", "data-kind": "wait", role: "status" }, CLOSED));
  const heard = () => {
    if (model.get("answer") < seq) return;
    clearTimeout(timer);
    say();
  };
  model.on("change:answer", heard);
  model.on("change:trouble", say);
  model.on("change:working", works);
  model.on("comm_live_update", end);
  model.on("comm:close", closed);
  say();
  works();
  return {
    line,
    ask(kind, more = {}) {
      if (gone) return tell(GONE, "wait");
      seq += 1;
      clearTimeout(timer);
      timer = setTimeout(wait, 1500);
      model.send({ kind, seq, ...more });
    },
    close() {
      clearTimeout(timer);
      clearTimeout(slow);
      model.off("change:working", works);
      model.off("change:answer", heard);
      model.off("change:trouble", say);
      model.off("comm_live_update", end);
      model.off("comm:close", closed);
    },
  };
}

// Draws now and at each change of the traits, each with what draws it; returns what ends that.
// JupyterLab keeps views that were closed, and so what their functions name: each part is emptied.
function drawn(model, el, watched) {
  for (const [trait, draw] of Object.entries(watched)) { model.on(`change:${trait}`, draw); draw(); }
  return () => {
    for (const [trait, draw] of Object.entries(watched)) model.off(`change:${trait}`, draw);
    for (const part of [el, ...el.querySelectorAll("*")]) part.replaceChildren();
  };
}

// JupyterLab's command keys (a, b, dd …) must not act on the notebook while a view has the focus.
function own(el, ...classes) {
  el.classList.add("hl", ...classes);
  el.dataset.lmSuppressShortcuts = "true";
  el.addEventListener("keydown", (event) => event.stopPropagation());
  // A right click opens JupyterLab's menu, which docks the output; in a field the browser's, which pastes.
  el.addEventListener("contextmenu", (event) => {
    if (event.target.closest("input, textarea")) event.stopPropagation();
  });
}

const pad = (number) => String(number).padStart(2, "0");
function moment(iso) {
  const t = new Date(iso);
  if (Number.isNaN(t.getTime())) return "";
  return `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())} ${pad(t.getHours())}:${pad(t.getMinutes())}`;
}

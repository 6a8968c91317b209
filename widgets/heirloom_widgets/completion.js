// The list that completes a line: what the kernel offers for the text up to the cursor.
function completion(line, ask, changed) {
  const list = h("ul", { class: "hl-offers", role: "listbox", id: `hl-offers-${Math.random().toString(36).slice(2)}`, "aria-label": "Completions", hidden: true });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id })) line.setAttribute(name, value);
  let items = [];
  let wanted = null; // the text that an answer is awaited for
  let before = null; // the line as it was before a filter wrote into it
  const left = () => line.value.slice(0, line.selectionStart);
  const options = () => [...list.children];
  const chosen = () => options().findIndex((option) => option.ariaSelected === "true");

  function choose(index) {
    options().forEach((option, i) => { option.ariaSelected = String(i === index); });
    const option = options()[index];
    option?.scrollIntoView({ block: "nearest" });
    if (option) line.setAttribute("aria-activedescendant", option.id);
    else line.removeAttribute("aria-activedescendant");
  }
  function close() {
    wanted = before = null;
    list.hidden = true;
    line.setAttribute("aria-expanded", "false");
    line.removeAttribute("aria-activedescendant");
  }
  function accept(index) {
    const { begin, text, whole } = items[index];
    const after = line.value.slice(line.selectionStart);
    const head = line.value.slice(0, begin) + text + (whole && !/^[\s,)]/.test(after) ? " " : "");
    line.value = head + after;
    line.setSelectionRange(head.length, head.length);
    line.focus();
    close();
    if (whole) changed();
    else ask(wanted = left());
  }
  return {
    list,
    get open() { return !list.hidden; },
    close,
    // After typing: only where a word is begun, so that a finished search is left in peace.
    typed() {
      before = null;
      if (/[^\s()]$/.test(left())) ask(wanted = left());
      else close();
    },
    ask() { ask(wanted = left()); },
    // A filter writes its key into the line, in place of the clause that is there.
    filter(key) {
      before = line.value;
      const there = new RegExp(`(^|[\\s(])${key}(=|!=)("(?:[^"\\\\]|\\\\.)*"|[^\\s()]*)`).exec(before);
      const head = key === "" ? before.replace(/\s*$/, before.trim() ? " " : "") : there
        ? before.slice(0, there.index) + there[1] + key + there[2] : `${before.trim()}${before.trim() ? " " : ""}${key}=`;
      line.value = head + (key !== "" && there ? before.slice(there.index + there[0].length) : "");
      line.focus();
      line.setSelectionRange(head.length, head.length);
      ask(wanted = head);
    },
    draw({ text, items: found }) {
      if (text === undefined || text !== wanted || document.activeElement !== line) return;
      items = found;
      list.replaceChildren(...found.map(({ text: whole, shown, note }, i) => h("li", {
        role: "option", id: `${list.id}-${i}`, "aria-selected": "false",
        onmousedown: (event) => { event.preventDefault(); accept(i); },
      }, h("span", {}, shown || whole), h("span", { class: "hl-sub" }, note))));
      list.hidden = !found.length;
      line.setAttribute("aria-expanded", String(!list.hidden));
      choose(-1);
    },
    // Whether the key was the list's.
    key(event) {
      if (event.key === " " && event.ctrlKey) { ask(wanted = left()); return true; }
      if (list.hidden) return false;
      const at = chosen();
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps) choose((at + steps[event.key] + items.length + (at < 0 && steps[event.key] < 0)) % items.length);
      else if (event.key === "Tab" && !event.shiftKey) accept(Math.max(at, 0));
      else if (event.key === "Enter" && at >= 0) accept(at);
      else if (event.key === "Escape") { if (before !== null) line.value = before; close(); }
      else { if (event.key === "Enter") close(); return false; }
      return true;
    },
  };
}

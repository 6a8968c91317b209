// Executions as rows: the state, the name, how long it took, when it began.
function seconds(from, to) {
  const s = Math.max(0, (new Date(to || Date.now()) - new Date(from)) / 1000);
  if (s < 60) return `${s.toFixed(s < 10 ? 2 : 0)} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min ${Math.round(s % 60)} s` : `${(s / 3600).toFixed(1)} h`;
}

function stepRow(run, open) {
  return h("li", { "data-id": run.id, role: "option", tabindex: "-1", title: run.error || run.id, style: `padding-left:${14 + run.depth * 18}px`, onclick: () => open(run.id) },
    h("span", { class: run.state === "running" ? "hl-dot hl-live" : "hl-dot", "data-tone": run.tone }),
    h("span", { class: "hl-runname" }, h("span", { class: "hl-sub" }, `${run.kind} `), run.name),
    h("span", { class: "hl-sub" }, run.state),
    h("span", { class: "hl-took hl-sub", "data-from": run.started, "data-to": run.ended }, ""),
    h("span", { class: "hl-sub hl-when" }, moment(run.started)));
}

// Writes how long each took, or has taken so far; whether one still runs.
function timeSteps(list) {
  for (const took of list.querySelectorAll(".hl-took")) took.textContent = seconds(took.dataset.from, took.dataset.to);
  return Boolean(list.querySelector(".hl-took[data-to='']"));
}

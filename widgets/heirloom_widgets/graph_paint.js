// How each kind of node is drawn on the canvas. Sizes come from Python, which laid them out.
const COLOURS = ["paper", "node", "ink", "muted", "line", "run", "edge", "focus", "data", "model", "file", "value", "good", "bad", "amber", "busy", "plain"];

function palette(el) {
  const style = getComputedStyle(el);
  const found = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--hl-c-${name}`).trim()]));
  return { ...found, font: style.fontFamily };
}

// Shortened in the middle by default: of a long name the end, with its version, tells most.
const fitted = new Map();
function fit(ctx, text, width, tail) {
  const key = `${ctx.font}|${width}|${tail}|${text}`;
  if (fitted.has(key)) return fitted.get(key);
  const cut = (kept) => `${text.slice(0, kept)}…${tail ? text.slice(-tail) : ""}`;
  let shown = text;
  if (ctx.measureText(text).width > width) {
    let low = 0, high = text.length - tail;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (ctx.measureText(cut(middle)).width <= width) low = middle; else high = middle - 1;
    }
    shown = cut(low);
  }
  if (fitted.size > 5000) fitted.clear();
  fitted.set(key, shown);
  return shown;
}

function write(ctx, text, x, y, width, font, colour, tail = 7) {
  ctx.font = font;
  ctx.fillStyle = colour;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(fit(ctx, text, width, tail), x, y);
}

function outline(ctx, node, x, y) {
  const { w, h } = node;
  ctx.beginPath();
  if (node.kind === "plan") {
    const tip = 14;
    ctx.moveTo(x - w / 2, y);
    for (const [dx, dy] of [[tip - w / 2, -h / 2], [w / 2 - tip, -h / 2], [w / 2, 0], [w / 2 - tip, h / 2], [tip - w / 2, h / 2]]) ctx.lineTo(x + dx, y + dy);
    ctx.closePath();
  } else ctx.roundRect(x - w / 2, y - h / 2, w, h, node.kind === "version" ? 8 : h / 2);
}

// The part of an execution's node that opens it, at its right end.
const OPENER = 24;
const onOpener = (node, at) => at.x - node.x > node.w / 2 - OPENER - 8 && Math.abs(at.y - node.y) < OPENER / 2 + 4;

function opener(ctx, node, x, y, c) {
  const middle = x + node.w / 2 - OPENER, half = 4.5;
  ctx.beginPath();
  ctx.arc(middle, y, 9, 0, 2 * Math.PI);
  ctx.fillStyle = c.node;
  ctx.fill();
  ctx.lineWidth = 1;
  ctx.strokeStyle = c.line;
  ctx.stroke();
  ctx.beginPath();
  for (const [dx, dy] of [[half, 0], [0, half]]) { ctx.moveTo(middle - dx, y - dy); ctx.lineTo(middle + dx, y + dy); }
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = c.muted;
  ctx.stroke();
}

// Folded siblings: the outlines of those behind, then the count.
function pile(ctx, node, x, y, { hover, c }) {
  const { w, h } = node;
  for (const off of [8, 4, 0]) {
    ctx.beginPath();
    ctx.roundRect(x - w / 2 + off, y - h / 2 - off, w - 8, h, node.of === "execution" ? h / 2 : 8);
    ctx.fillStyle = c.run;
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = hover ? c.focus : c.line;
    ctx.stroke();
  }
  lines(ctx, node, x - w / 2 + 15, y, w - 34, c);
}

// The part of a plan's node that is its switch, relative to the middle of the node.
const SWITCH = { x: -66, y: 2, w: 86, h: 20 };
function onSwitch(node, at) {
  const dx = at.x - node.x, dy = at.y - node.y;
  return dx >= SWITCH.x - 4 && dx <= SWITCH.x + SWITCH.w && dy >= SWITCH.y - 4 && dy <= SWITCH.y + SWITCH.h + 4;
}

function pill(ctx, node, x, y, c) {
  const left = x + SWITCH.x, top = y + SWITCH.y + 2;
  ctx.beginPath();
  ctx.roundRect(left, top, 25, 14, 7);
  ctx.fillStyle = node.armed ? c.good : c.plain;
  ctx.fill();
  ctx.beginPath();
  ctx.arc(left + (node.armed ? 18 : 7), top + 7, 5, 0, 2 * Math.PI);
  ctx.fillStyle = "#fff";
  ctx.fill();
  write(ctx, node.armed ? "armed" : "off", left + 32, top + 7, 60, `600 12px ${c.font}`, node.armed ? c.good : c.muted);
}

function paint(ctx, node, x, y, { selected, hover, dim, c }) {
  if (node.kind === "via") return;
  const { w, h } = node;
  const tone = c[node.tone] || c.plain;
  ctx.globalAlpha = dim ? 0.22 : 1;
  if (node.kind === "fold") { pile(ctx, node, x, y, { hover: hover || selected, c }); ctx.globalAlpha = 1; return; }
  if (node.centre && !dim) { ctx.shadowColor = `${c.focus}66`; ctx.shadowBlur = 14; }
  outline(ctx, node, x, y);
  ctx.fillStyle = node.kind === "execution" ? c.run : c.node;
  ctx.fill();
  ctx.shadowBlur = 0;
  ctx.save();
  ctx.clip();
  if (node.kind === "version") { ctx.fillStyle = tone; ctx.fillRect(x - w / 2, y - h / 2, 6, h); }
  ctx.restore();
  outline(ctx, node, x, y);
  ctx.lineWidth = node.centre || selected ? 2 : 1.2;
  ctx.strokeStyle = node.centre || selected || hover ? c.focus : node.kind === "plan" && node.armed ? c.good : c.line;
  ctx.setLineDash(node.faded || (node.kind === "plan" && !node.armed) ? [5, 4] : []);
  ctx.stroke();
  ctx.setLineDash([]);
  if (node.kind === "plan") {
    write(ctx, node.name, x + SWITCH.x, y - 12, w - 42, `600 13px ${c.font}`, node.armed ? c.ink : c.muted);
    pill(ctx, node, x, y, c);
  } else if (node.kind === "execution") {
    if (node.live) halo(ctx, x - w / 2 + 18, y, c.busy);
    ctx.beginPath(); ctx.arc(x - w / 2 + 18, y, 5, 0, 2 * Math.PI); ctx.fillStyle = tone; ctx.fill();
    lines(ctx, node, x - w / 2 + 31, y, w - (node.steps ? 72 : 42), c);
    if (node.steps) opener(ctx, node, x, y, c);
  } else lines(ctx, node, x - w / 2 + 17, y, w - 28, c);
  ctx.globalAlpha = 1;
}

// What runs now: a ring that goes out from its dot again and again, or stands still.
const still = matchMedia("(prefers-reduced-motion: reduce)");
function halo(ctx, x, y, tone) {
  const at = still.matches ? 0.5 : (performance.now() % 1600) / 1600, alpha = ctx.globalAlpha;
  ctx.beginPath();
  ctx.arc(x, y, 5 + 7 * at, 0, 2 * Math.PI);
  ctx.globalAlpha = alpha * (1 - at);
  ctx.lineWidth = 2;
  ctx.strokeStyle = tone;
  ctx.stroke();
  ctx.globalAlpha = alpha;
}

function lines(ctx, node, x, y, width, c) {
  write(ctx, node.name, x, node.sub ? y - 10 : y, width, `600 14px ${c.font}`, node.faded ? c.muted : c.ink);
  if (node.sub) write(ctx, node.sub, x, y + 10, width, `12px ${c.font}`, c.muted, 0);
}

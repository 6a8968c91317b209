// What is shown, as a file: text from the kernel, or the whole graph drawn once more as a picture.
const WIDEST = 12000;

function saved(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// A canvas of the size of the graph, twice as fine as the page where that is not too large.
function savePicture(name, vis, rows, lines, options, c) {
  const [x0, x1] = reach(rows, "x", "w"), [y0, y1] = reach(rows, "y", "h");
  const wide = x1 - x0 + 2 * EDGE, high = y1 - y0 + 2 * EDGE;
  const scale = Math.min(2, WIDEST / wide, WIDEST / high) / (window.devicePixelRatio || 1);
  const away = h("div", { style: `position: fixed; left: -1e6px; width: ${wide * scale}px; height: ${high * scale}px` });
  document.body.append(away);
  const network = new vis.Network(away, { nodes: new vis.DataSet(rows), edges: new vis.DataSet(lines) }, options);
  network.on("beforeDrawing", (ctx) => {
    ctx.fillStyle = c.paper;
    ctx.fillRect(x0 - 2 * EDGE, y0 - 2 * EDGE, wide + 2 * EDGE, high + 2 * EDGE);
    paintBands(ctx, rows, c);
  });
  network.moveTo({ position: { x: (x0 + x1) / 2, y: (y0 + y1) / 2 }, scale });
  network.redraw();
  away.querySelector("canvas").toBlob((blob) => { saved(name, blob); network.destroy(); away.remove(); });
}

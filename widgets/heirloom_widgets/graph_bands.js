// Behind the leaves of an execution that is open: a band that holds them together and closes it.
const BAND = { pad: 12, head: 24 };

function bands(rows) {
  const found = new Map();
  for (const node of rows) {
    if (!node.inside) continue;
    const band = found.get(node.inside) ?? { id: node.inside, name: node.within, x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
    band.x0 = Math.min(band.x0, node.x - node.w / 2 - BAND.pad);
    band.x1 = Math.max(band.x1, node.x + node.w / 2 + BAND.pad);
    band.y0 = Math.min(band.y0, node.y - node.h / 2 - BAND.head);
    band.y1 = Math.max(band.y1, node.y + node.h / 2 + BAND.pad);
    found.set(node.inside, band);
  }
  return [...found.values()];
}

function paintBands(ctx, rows, c) {
  for (const band of bands(rows)) {
    ctx.beginPath();
    ctx.roundRect(band.x0, band.y0, band.x1 - band.x0, band.y1 - band.y0, 10);
    ctx.globalAlpha = 0.55;
    ctx.fillStyle = c.run;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1;
    ctx.strokeStyle = c.line;
    ctx.stroke();
    write(ctx, `−  ${band.name}`, band.x0 + 12, band.y0 + BAND.head / 2 + 1, band.x1 - band.x0 - 24, `600 12px ${c.font}`, c.muted);
  }
}

const onBand = (rows, at) => bands(rows).find((band) => at.x >= band.x0 && at.x <= band.x1 && at.y >= band.y0 && at.y <= band.y0 + BAND.head);

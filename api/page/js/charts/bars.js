// Sessions on a canvas: bars of Range that hold Vol, or candles.
const WIDTH = { range: 0.8, vol: 0.42, candle: 0.64 }; // of the room of a session
const CAP = 1.5; // px
const ROOM_FOR_CAPS = 3; // px of a session, below which caps would be all that is seen
const HATCH = 3.5; // px from line to line
export const COLUMN = { range: 1, vol: 2, open: 6, high: 7, low: 8, close: 9 };

// `shown` is [from, to]; `today` the position of the running session, or null.
export function drawBars(plot, shown, { today, complete }) {
  const { u, ink } = plot;
  const { ctx } = u;
  const { room, x, y } = placesOf(u, "y");
  const zero = y(0);
  const bar = (at, value, share, colour) => {
    const width = Math.max(1, room * share);
    ctx.fillStyle = colour;
    ctx.fillRect(x(at) - width / 2, y(value), width, zero - y(value));
  };
  each(u, shown, (at) => {
    const [range, vol] = [u.data[COLUMN.range][at], u.data[COLUMN.vol][at]];
    if (at === today) {
      ctx.globalAlpha = 0.4;
      bar(at, range, WIDTH.range, ink.today);
      ctx.globalAlpha = 1;
      bar(at, vol, WIDTH.range, ink.today);
      return;
    }
    const width = Math.max(1, room * WIDTH.range);
    if (complete(at)) bar(at, range, WIDTH.range, ink.barr);
    else hatch(ctx, ink.ul, [x(at) - width / 2, y(range), width, zero - y(range)]);
    bar(at, vol, room < ROOM_FOR_CAPS ? WIDTH.range : WIDTH.vol, ink.barv);
    if (room < ROOM_FOR_CAPS * devicePixelRatio) return;
    ctx.fillStyle = ink.ul;
    ctx.fillRect(x(at) - width / 2, y(range), width, CAP * devicePixelRatio);
  });
}

// Hollow where it rose, filled where it fell.
export function drawCandles(plot, shown, { today }) {
  const { u, ink } = plot;
  const { ctx } = u;
  const { room, x, y } = placesOf(u, "price");
  const width = Math.max(1, room * WIDTH.candle);
  ctx.lineWidth = devicePixelRatio;
  each(u, shown, (at) => {
    const [open, high, low, close] = ["open", "high", "low", "close"].map((name) => y(u.data[COLUMN[name]][at]));
    const colour = at === today ? ink.today : ink.barv;
    ctx.strokeStyle = colour;
    ctx.fillStyle = close <= open ? ink.bg : colour;
    ctx.beginPath();
    ctx.moveTo(x(at), high);
    ctx.lineTo(x(at), low);
    ctx.stroke();
    const body = [x(at) - width / 2, Math.min(open, close), width, Math.max(1, Math.abs(open - close))];
    ctx.fillRect(...body);
    if (width > 2) ctx.strokeRect(...body);
  });
}

function placesOf(u, scale) {
  const x = (at) => u.valToPos(at, "x", true);
  return { room: x(1) - x(0), x, y: (value) => u.valToPos(value, scale, true) };
}

function each(u, [from, to], draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (let at = from; at <= to; at += 1) draw(at);
  ctx.restore();
}

function hatch(ctx, colour, [left, top, width, height]) {
  const step = HATCH * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  for (let y = top; y < top + height + width; y += step) {
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y - width);
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.stroke();
  ctx.restore();
}

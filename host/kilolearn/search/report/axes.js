// SPDX-License-Identifier: GPL-3.0-or-later
// Axes of a picture: what number is where, and the numbers that stand beside it.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 62, right: 14, top: 12, bottom: 44 };

function svg(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const count = (value) =>
  value.toLocaleString("en-US", Math.abs(value) < 1 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 2 });

// 1, 2 or 5 times a power of ten, some five in the range.
function evenTicks(low, high) {
  const rough = (high - low) / 5;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ten * [1, 2, 5, 10].find((factor) => factor * ten >= rough);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high + step / 1e6; k++) ticks.push(k * step || 0);
  return ticks;
}

function powerTicks(low, high) {
  const ticks = [];
  for (let ten = 10 ** Math.floor(Math.log10(low)); ten <= high; ten *= 10) {
    for (const factor of [1, 2, 5]) if (factor * ten >= low && factor * ten <= high) ticks.push(factor * ten);
  }
  return ticks.length >= 3 ? ticks : evenTicks(low, high);
}

// A scale from numbers to a stretch of the picture, logarithmic where a quantity spans much.
function scaleOf(values, from, to) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  const log = low > 0 && high / low > 8;
  const room = log ? 0 : 0.05 * (high - low) || 0.02 * Math.abs(high) || 1;
  [low, high] = log ? [low / 1.15, high * 1.15] : [low - room, high + room];
  const f = log ? Math.log : (value) => value;
  const place = (value) => from + ((to - from) * (f(value) - f(low))) / (f(high) - f(low));
  return { place, ticks: (log ? powerTicks : evenTicks)(low, high) };
}

// Empties a picture and draws axes for points (x, y); returns where a point goes.
function drawAxes(picture, points, labels) {
  const { width, height } = picture.viewBox.baseVal;
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  const across = scaleOf(points.map((point) => point[0]), left, right);
  const up = scaleOf(points.map((point) => point[1]), bottom, top);
  picture.replaceChildren();
  for (const tick of across.ticks) {
    const x = across.place(tick);
    picture.append(svg("line", { class: "grid", x1: x, x2: x, y1: top, y2: bottom }));
    picture.append(svg("text", { x, y: bottom + 16, "text-anchor": "middle" }, count(tick)));
  }
  for (const tick of up.ticks) {
    const y = up.place(tick);
    picture.append(svg("line", { class: "grid", x1: left, x2: right, y1: y, y2: y }));
    picture.append(svg("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, count(tick)));
  }
  picture.append(svg("text", { x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, labels[0]));
  const turned = { transform: `translate(12 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" };
  picture.append(svg("text", turned, labels[1]));
  return { x: across.place, y: up.place, left, right };
}

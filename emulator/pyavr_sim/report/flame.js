// SPDX-License-Identifier: GPL-3.0-or-later
// A flame graph that hangs from its root: a box a node, as wide as its size.

const ROW_REM = 1.55;
const TEXT_PIXELS = 28;
const SHARE_DRAWN = 0.0008; // of the width; less is no pixel

function drawFlame(graph, nodes) {
  const unit = graph.dataset.unit;
  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("role", "status");
  graph.after(told);
  const children = nodes.map(() => []);
  nodes.forEach(([parent], index) => parent >= 0 && children[parent].push(index));

  function describe(index) {
    const [, name, size, , detail] = nodes[index];
    const share = (100 * size) / nodes[0][2];
    return `${name}: ${count(size)} ${unit}, ${share.toFixed(1)} %${detail ? `, ${detail}` : ""}`;
  }

  function box(index, left, width, depth) {
    const [, name, , kind] = nodes[index];
    const button = document.createElement("button");
    button.type = "button";
    button.className = `own-${kind}`;
    button.textContent = width * graph.clientWidth < TEXT_PIXELS ? "" : name;
    button.title = describe(index);
    button.setAttribute("aria-label", button.title);
    button.dataset.node = index;
    button.style.left = `${100 * left}%`;
    button.style.width = `${100 * width}%`;
    button.style.top = `${ROW_REM * depth}rem`;
    graph.append(button);
  }

  // Callers above the one that was gone into keep the full width, as the way back.
  function draw(top) {
    graph.replaceChildren();
    const above = [];
    for (let at = nodes[top][0]; at >= 0; at = nodes[at][0]) above.unshift(at);
    above.forEach((index, depth) => box(index, 0, 1, depth));
    let deepest = above.length;
    const waiting = [[top, 0, 1, above.length]];
    while (waiting.length) {
      const [index, left, width, depth] = waiting.shift();
      if (width < SHARE_DRAWN) continue;
      box(index, left, width, depth);
      deepest = Math.max(deepest, depth);
      let at = left;
      for (const child of children[index]) {
        const share = (width * nodes[child][2]) / nodes[index][2];
        waiting.push([child, at, share, depth + 1]);
        at += share;
      }
    }
    graph.style.height = `${ROW_REM * (deepest + 1)}rem`;
  }

  function goInto(index) {
    draw(index);
    graph.querySelector(`[data-node="${index}"]`).focus();
  }

  graph.addEventListener("click", (event) => {
    if (event.target.dataset.node) goInto(Number(event.target.dataset.node));
  });
  graph.addEventListener("keydown", (event) => {
    if (event.key === "Escape") goInto(0);
  });
  for (const kind of ["pointerover", "focusin"]) {
    graph.addEventListener(kind, (event) => {
      if (event.target.dataset.node) told.textContent = describe(Number(event.target.dataset.node));
    });
  }
  draw(0);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The candidates by two of their figures; one of them is told about.

// The points that no other beats on both axes, from left to right.
function bestOf(points, more) {
  const sign = [more[0] ? -1 : 1, more[1] ? -1 : 1];
  const sorted = [...points].sort((a, b) => sign[0] * (a.at[0] - b.at[0]) || sign[1] * (a.at[1] - b.at[1]));
  let least = Infinity;
  const best = sorted.filter(({ at }) => sign[1] * at[1] < least && ((least = sign[1] * at[1]), true));
  return best.sort((a, b) => a.at[0] - b.at[0]);
}

function drawFront(search, picture, tell) {
  const [across, up] = ["across", "up"].map((id) => document.getElementById(id));
  const named = Object.fromEntries(search.quantities.map((quantity) => [quantity.key, quantity]));
  let chosen = search.chosen;
  let marks = [];

  function choose(index, focus) {
    chosen = index;
    for (const { mark, index: own } of marks) {
      mark.setAttribute("aria-pressed", own === chosen);
      mark.setAttribute("tabindex", own === chosen ? 0 : -1);
      if (own === chosen && focus) mark.focus();
    }
    tell(search.candidates[chosen]);
  }

  function draw() {
    const axes = [named[across.value], named[up.value]];
    const points = search.candidates
      .map((candidate, index) => ({ candidate, index, at: axes.map(({ key }) => candidate.figures[key]) }))
      .filter(({ at }) => at.every((value) => value !== null));
    const labels = axes.map(({ label, unit }) => (unit ? `${label}, ${unit}` : label));
    const { x, y } = drawAxes(picture, points.map(({ at }) => at), labels);
    const [first, ...rest] = bestOf(points, axes.map(({ more }) => more)).map(({ at }) => [x(at[0]), y(at[1])]);
    const stairs = rest.map((to) => (axes[0].more ? `V${to[1]}H${to[0]}` : `H${to[0]}V${to[1]}`));
    picture.append(svg("path", { class: "best", d: `M${first.join(" ")}${stairs.join("")}` }));
    points.sort((a, b) => a.candidate.front - b.candidate.front || a.at[0] - b.at[0]); // the front on top
    marks = points.map(({ candidate, index, at }) => {
      const mark = svg("g", {
        class: candidate.front ? "point front" : "point",
        transform: `translate(${x(at[0])} ${y(at[1])})`,
        role: "button",
        "data-candidate": index,
        "aria-label": `${candidate.family}, ${at.map((v, i) => `${axes[i].label} ${count(v)} ${axes[i].unit}`).join(", ")}`,
        style: `--own: var(--family-${search.families.indexOf(candidate.family) % 8})`,
      });
      mark.append(svg("title", {}, mark.getAttribute("aria-label")), svg("circle", {}));
      mark.addEventListener("click", () => choose(index, true));
      picture.append(mark);
      return { mark, index, front: candidate.front };
    });
    const shown = marks.some(({ index }) => index === chosen);
    choose(shown || !marks.length ? chosen : marks[marks.length - 1].index, false);
  }

  picture.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const stops = marks.filter(({ front, index }) => front || index === chosen);
    const at = stops.findIndex(({ index }) => index === chosen);
    const to = { Home: 0, End: stops.length - 1 }[event.key] ?? at + (step ?? NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    if (stops[to]) choose(stops[to].index, true);
  });

  for (const [select, value] of [[across, search.axes[0]], [up, search.axes[1]]]) {
    select.append(...search.quantities.map(({ key, label }) => new Option(label, key, false, key === value)));
    select.addEventListener("change", draw);
  }
  document.getElementById("families").append(
    ...search.families.map((family, index) => {
      const entry = document.createElement("span");
      const dot = document.createElement("i");
      dot.style.setProperty("--own", `var(--family-${index % 8})`);
      entry.append(dot, family);
      return entry;
    }),
  );
  if (search.candidates.length) draw();
}

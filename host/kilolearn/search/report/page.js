// SPDX-License-Identifier: GPL-3.0-or-later
// Brings the page to life.

const root = document.documentElement;

// Until the button is pressed, the theme is the system's.
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

// A staircase of [candidates tried, best so far].
function drawCourse(picture, stairs, label, tried, wanted) {
  if (!stairs.length) return;
  const end = [tried, stairs[stairs.length - 1][1]];
  const marked = wanted === null ? [] : [[tried, wanted]];
  const { x, y, left, right } = drawAxes(picture, [[0, stairs[0][1]], ...stairs, end, ...marked], ["candidates tried", label]);
  if (wanted !== null) {
    picture.append(svg("line", { class: "wanted", x1: left, x2: right, y1: y(wanted), y2: y(wanted) }));
  }
  const [first, ...rest] = [...stairs, end];
  const path = rest.map((stair) => `H${x(stair[0])}V${y(stair[1])}`);
  picture.append(svg("path", { class: "course", d: `M${x(first[0])} ${y(first[1])}${path.join("")}` }));
  picture.setAttribute("aria-label", `${label}: ${count(first[1])} at first, ${count(end[1])} in the end`);
}

const search = JSON.parse(document.getElementById("search").textContent);
drawFront(search, document.getElementById("front"), tellOf(search, document.getElementById("told")));
drawCourse(document.getElementById("smallest"), search.course.smallest, "bytes of flash", search.tried, null);
drawCourse(document.getElementById("best"), search.course.best, "percent right", search.tried, search.wanted);
root.dataset.ready = "true";

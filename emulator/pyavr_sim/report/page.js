// SPDX-License-Identifier: GPL-3.0-or-later
// Brings the page to life: the slider moves the map and the mark in the chart.

const root = document.documentElement;

// Until the button is pressed, the theme is the system's.
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

const recording = await unpackRecording(document.getElementById("recording").textContent);
const slider = document.getElementById("slider");
const depth = document.getElementById("depth");
const showGrid = drawGrid(recording, slider);
const cyclesAll = recording.cycles[recording.cycles.length - 1] - recording.cycleStart;

function show() {
  const at = Number(slider.value);
  const cycle = recording.cycles[at];
  const stack = recording.sramStart + recording.sramBytes - 1 - recording.spLowest[at];
  const text = `cycle ${count(cycle)}, stack ${count(stack)} B`;
  document.getElementById("moment").textContent = text;
  slider.setAttribute("aria-valuetext", text);
  document.getElementById("now").style.left = `${(100 * (cycle - recording.cycleStart)) / Math.max(cyclesAll, 1)}%`;
  showGrid(at);
}

slider.addEventListener("input", show);
depth.addEventListener("click", (event) => {
  const box = depth.getBoundingClientRect();
  const cycle = recording.cycleStart + (cyclesAll * (event.clientX - box.left)) / box.width;
  const at = recording.cycles.findIndex((end) => end >= cycle);
  slider.value = at < 0 ? recording.cycles.length - 1 : at;
  show();
});

drawFlame(document.getElementById("sram-flame"), recording.sramFlame);
drawFlame(document.getElementById("cycles-flame"), recording.cyclesFlame);
document.querySelectorAll(".sortable").forEach(makeSortable);
show();
root.dataset.ready = "true";

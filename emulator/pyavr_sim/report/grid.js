// SPDX-License-Identifier: GPL-3.0-or-later
// The map of SRAM: a cell a byte, at the moment that the slider shows.

const NEVER = -1;

function drawGrid(recording, slider) {
  const grid = document.getElementById("grid");
  const told = document.getElementById("cell");
  const columns = columnsFor(recording.sramBytes);
  const cells = [];
  const regions = regionOfByte(recording);
  let moment = 0;
  let focused = 0;
  let toldOf = -1;

  grid.style.setProperty("--columns", columns);
  for (let first = 0; first < recording.sramBytes; first += columns) {
    const row = document.createElement("div");
    row.className = "row";
    row.setAttribute("role", "row");
    const head = document.createElement("span");
    head.setAttribute("role", "rowheader");
    head.textContent = hex(recording.sramStart + first, 4);
    row.append(head);
    for (let byte = first; byte < Math.min(first + columns, recording.sramBytes); byte++) {
      const cell = document.createElement("i");
      cell.setAttribute("role", "gridcell");
      cell.tabIndex = byte === focused ? 0 : -1;
      cell.dataset.byte = byte;
      cells.push(cell);
      row.append(cell);
    }
    grid.append(row);
  }

  function use(byte) {
    const written = recording.writtenFrom[byte] <= moment;
    const read = recording.readFrom[byte] <= moment;
    if (written) return read ? "used" : "unread";
    return read ? "unwritten" : "untouched";
  }

  function value(byte, at) {
    return recording.sram[at * recording.sramBytes + byte];
  }

  function show(at) {
    moment = at;
    const uses = { used: 0, unread: 0, unwritten: 0, untouched: 0, changed: 0 };
    for (let byte = 0; byte < cells.length; byte++) {
      const changed = at > 0 && value(byte, at) !== value(byte, at - 1);
      uses[use(byte)]++;
      uses.changed += changed;
      const classes = `cell ${regions[byte].classes} ${use(byte)}${changed ? " changed" : ""}`;
      if (cells[byte].className !== classes) cells[byte].className = classes;
    }
    for (const place of document.querySelectorAll("[data-use]")) {
      place.textContent = `${count(uses[place.dataset.use])} B`;
    }
    if (toldOf >= 0) tell(toldOf);
  }

  function describe(byte) {
    const region = regions[byte];
    const found = value(byte, moment);
    const by = (place) => (recording.places[place] ? ` by ${recording.places[place]}` : "");
    const parts = [
      `${hex(recording.sramStart + byte, 4)}: ${hex(found, 2)} (${found})`,
      region.name ? `${region.name}${region.size > 1 ? `[${byte - region.first}]` : ""}, ${region.owner}` : region.owner,
      { used: "written and read", unread: "written, not read", unwritten: "read, not written", untouched: "untouched" }[use(byte)],
    ];
    if (region.source) parts.push(`declared at ${region.source}`);
    if (recording.firstWriteCycle[byte] !== NEVER) {
      parts.push(`first written at cycle ${count(recording.firstWriteCycle[byte])}${by(recording.firstWriter[byte])}`);
      parts.push(`last written${by(recording.lastWriter[byte])}`);
    }
    if (recording.lastAccessCycle[byte] !== NEVER) {
      parts.push(`last used at cycle ${count(recording.lastAccessCycle[byte])}${by(recording.lastUser[byte])}`);
    }
    return parts.join(" · ");
  }

  function tell(byte) {
    toldOf = byte;
    told.textContent = describe(byte);
    cells[byte].setAttribute("aria-label", told.textContent);
  }

  function focus(byte) {
    cells[focused].tabIndex = -1;
    focused = Math.max(0, Math.min(cells.length - 1, byte));
    cells[focused].tabIndex = 0;
    cells[focused].focus();
  }

  grid.addEventListener("pointerover", (event) => {
    if (event.target.dataset.byte) tell(Number(event.target.dataset.byte));
  });
  grid.addEventListener("focusin", (event) => {
    if (event.target.dataset.byte) tell(Number(event.target.dataset.byte));
  });
  grid.addEventListener("click", (event) => {
    if (event.target.dataset.byte) focus(Number(event.target.dataset.byte));
  });
  grid.addEventListener("keydown", (event) => {
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns,
      Home: -(focused % columns), End: columns - 1 - (focused % columns),
      PageUp: -8 * columns, PageDown: 8 * columns,
    };
    const times = { ",": -1, ".": 1 };
    if (event.key in steps) {
      event.preventDefault();
      focus(focused + steps[event.key]);
    } else if (event.key in times) {
      slider.value = Number(slider.value) + times[event.key];
      slider.dispatchEvent(new Event("input"));
    }
  });
  return show;
}

function columnsFor(bytes) {
  const wide = window.innerWidth >= 700;
  if (bytes <= 128) return 16;
  if (bytes <= 512 || !wide) return 32;
  return bytes <= 4096 ? 64 : 128;
}

// Of every byte: its region, and the classes of its cell. Neighbours differ in tone.
function regionOfByte(recording) {
  const found = [];
  recording.regions.forEach(([start, size, owner, name, source], index) => {
    const classes = `own-${owner}${name && index % 2 ? " second" : ""}`;
    const region = { first: start - recording.sramStart, size, owner, name, source, classes };
    for (let byte = 0; byte < size; byte++) found.push(region);
  });
  return found;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Tables that sort by the column whose heading is pressed; again, the other way round.

function makeSortable(table) {
  const headings = [...table.querySelectorAll("th")];
  headings.forEach((heading, column) => {
    const button = heading.querySelector("button");
    button.addEventListener("click", () => {
      const isNumber = button.dataset.sort === "number";
      const first = isNumber ? "descending" : "ascending";
      const second = isNumber ? "ascending" : "descending";
      const order = heading.getAttribute("aria-sort") === first ? second : first;
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const key = (row) => (isNumber ? Number(row.cells[column].dataset.value) : row.cells[column].textContent);
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => sign * (isNumber ? key(a) - key(b) : key(a).localeCompare(key(b))));
      table.tBodies[0].append(...rows);
    });
  });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What there is to say about one candidate.

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function tableOf(rows, caption) {
  const table = element("table");
  table.append(element("caption", caption));
  for (const [name, value] of rows) {
    const row = table.insertRow();
    row.append(element("th", name, { scope: "row" }), element("td", value, { class: "number" }));
  }
  return table;
}

function confusionOf(counts, names) {
  const table = element("table", undefined, { class: "matrix", id: "confusion" });
  table.append(element("caption", "Answers in cross-validation: a row is what it is, a column what was answered"));
  const head = table.createTHead().insertRow();
  head.append(element("th"), ...names.map((name) => element("th", name, { scope: "col" })));
  const body = table.createTBody();
  counts.forEach((answers, is) => {
    const row = body.insertRow();
    const all = Math.max(answers.reduce((sum, n) => sum + n, 0), 1);
    row.append(element("th", names[is], { scope: "row" }));
    answers.forEach((n, answered) => {
      const kind = is === answered ? "right" : "wrong";
      row.append(element("td", n, { class: kind, style: `--share: ${n / all}` }));
    });
  });
  return table;
}

function tellOf(search, panel) {
  return (candidate) => {
    const figures = search.quantities
      .filter(({ key }) => candidate.figures[key] !== null)
      .map(({ key, label, unit }) => [label, `${count(candidate.figures[key])} ${unit}`]);
    const parts = element("div", undefined, { class: "parts" });
    parts.append(tableOf(figures, "Figures"), tableOf(Object.entries(candidate.genes), "Genes"));
    if (candidate.confusion) parts.append(confusionOf(candidate.confusion, search.classes));
    panel.replaceChildren(element("h3", `${candidate.family}, candidate ${candidate.number}`), parts);
    if (!candidate.confusion) panel.append(element("p", "Only candidates of the front have a confusion matrix here.", { class: "note" }));
    panel.append(element("p", "To build it:", { class: "note" }), element("pre", candidate.command, { id: "command" }));
  };
}

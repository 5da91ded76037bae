"use strict";
(() => {
{% include "links.js" %}
{% include "display.js" %}
// The table of datasets, sorted by any of its columns; the choice outlives a switch of the language.
const sorted = { column: null, falling: false };

const valueOf = (line, column) => line.cells[column].dataset.value ?? line.cells[column].textContent.trim().toLowerCase();
const compare = (a, b) => {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  const turn = sorted.falling ? -1 : 1;
  return turn * (Number.isNaN(Number(a)) || Number.isNaN(Number(b)) ? (a < b ? -1 : a > b ? 1 : 0) : Number(a) - Number(b));
};

const sortDatasets = () => {
  const table = byId("datasets-table");
  if (!table || sorted.column === null) return;
  const lines = [...table.tBodies[0].rows].map((line) => [valueOf(line, sorted.column), Number(line.dataset.place), line]);
  lines.sort((a, b) => compare(a[0], b[0]) || a[1] - b[1]);
  table.tBodies[0].append(...lines.map(([, , line]) => line));
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (column === sorted.column) head.setAttribute("aria-sort", sorted.falling ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
  const choice = byId("sort-datasets");
  if (choice) choice.value = String(sorted.column);
};

const sortBy = (column, falling) => {
  Object.assign(sorted, { column, falling });
  sortDatasets();
};

onMount(() => {
  const table = byId("datasets-table");
  if (!table) return;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (head.dataset.sorts === undefined) return;
    const button = element("button", { type: "button", className: "sorts", text: head.textContent });
    // What is counted is looked at from the most on, and names from the first on.
    button.addEventListener("click", () => sortBy(column, sorted.column === column ? !sorted.falling : head.dataset.sorts === "falling"));
    head.replaceChildren(button);
  });
  byId("sort-datasets").addEventListener("change", (event) => {
    const head = table.tHead.rows[0].cells[Number(event.target.value)];
    sortBy(Number(event.target.value), head.dataset.sorts === "falling");
  });
  sortDatasets();
});
mount();
if (kept("language")) setLanguage(kept("language"));
follow();
document.documentElement.dataset.ready = "true";
})();

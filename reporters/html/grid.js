// The images that fit, as tiles or as a table. Only the tiles in sight are in the page, however many images there are.
const shown = { rows: [], first: 0, last: 0, columns: 1, page: 0 };
const PAGE = 100;
const GAP = 8;

const tileOf = (row) => {
  const tile = element("button", { type: "button", className: "tile", "data-row": row, "aria-label": word("open_image", { file: data.paths[row] }) });
  tile.append(element("span", { className: "tile-frame" }, pictureOf(row)));
  const name = element("span", { className: "tile-name" }, data.worst[row] ? markOf(data.worst[row]) : null, element("bdi", { text: nameOf(row) }));
  const decision = decisionOf(row);
  if (decision) tile.append(element("span", { className: `tile-decision ${decision}`, text: word(decision) }));
  tile.append(name);
  return tile;
};

const layOut = (force) => {
  const grid = byId("grid");
  if (!grid || grid.hidden || !data.ready) return;
  const width = grid.clientWidth;
  if (!width) return;
  const columns = Math.max(1, Math.floor((width + GAP) / (state.tile + GAP)));
  const height = state.tile + 26 + GAP;
  const lines = Math.ceil(shown.rows.length / columns);
  const top = Math.max(0, -grid.getBoundingClientRect().top);
  const from = Math.max(0, Math.floor(top / height) - 2) * columns;
  const to = Math.min(shown.rows.length, (Math.ceil((top + innerHeight) / height) + 2) * columns);
  if (!force && from === shown.first && to === shown.last && columns === shown.columns) return;
  Object.assign(shown, { first: from, last: to, columns });
  const focused = grid.contains(document.activeElement) ? document.activeElement.dataset.row : null;
  grid.style.height = `${Math.max(0, lines * height - GAP)}px`;
  const tiles = [];
  const side = (width - (columns - 1) * GAP) / columns;
  for (let place = from; place < to; place += 1) {
    const tile = tileOf(shown.rows[place]);
    tile.style.width = `${side}px`;
    tile.style.height = `${height - GAP}px`;
    tile.style.transform = `translate(${(place % columns) * (side + GAP)}px, ${Math.floor(place / columns) * height}px)`;
    tiles.push(tile);
  }
  grid.replaceChildren(...tiles);
  if (focused !== null && focused !== undefined) grid.querySelector(`[data-row="${focused}"]`)?.focus({ preventScroll: true });
};

const layOutTable = () => {
  const pages = Math.max(1, Math.ceil(shown.rows.length / PAGE));
  shown.page = Math.min(shown.page, pages - 1);
  const first = shown.page * PAGE;
  const rows = shown.rows.slice(first, first + PAGE);
  byId("rows").replaceChildren(...rows.map((row) => {
    const open = element("button", { type: "button", className: "as-link", "data-row": row }, element("bdi", { text: data.paths[row] }));
    return element("tr", {},
      element("th", { scope: "row" }, open),
      element("td", {}, element("bdi", { text: data.concepts[data.concept[row]] ?? "" })),
      element("td", { className: "number", text: `${number(data.width[row])} × ${number(data.height[row])}` }),
      element("td", { className: "number", text: data.tokens[row] < 0 ? "–" : number(data.tokens[row]) }),
      element("td", { className: "number" }, data.worst[row] ? markOf(data.worst[row]) : null, ` ${number(data.found[row].length)}`),
      element("td", { className: "cell-caption" }, element("bdi", { text: captionOf(row) || "–" })));
  }));
  byId("page-told").textContent = rows.length
    ? word("page", { first: number(first + 1), last: number(first + rows.length), total: number(shown.rows.length) }) : "";
  byId("page-back").disabled = shown.page === 0;
  byId("page-on").disabled = shown.page >= pages - 1;
};

const refresh = () => {
  if (!data.ready || !byId("grid")) return;
  const { rows, problem } = fitting(state.query);
  const order = SORTS[state.sort] ?? SORTS.path;
  shown.rows = state.sort === "path" ? rows : rows.sort((a, b) => order(a, b) || a - b);
  const told = byId("search-told");
  told.classList.toggle("problem", Boolean(problem));
  told.textContent = problem ?? (rows.length === data.n ? word("images", { n: number(data.n) })
    : rows.length ? word("of", { n: number(rows.length), total: number(data.n) }) : word("nothing"));
  byId("grid").hidden = state.shownAs !== "grid";
  byId("table").hidden = state.shownAs !== "table";
  for (const button of all("[data-shown-as]")) button.setAttribute("aria-pressed", String(button.dataset.shownAs === state.shownAs));
  if (state.shownAs === "grid") layOut(true); else layOutTable();
};
onMount(refresh);

const search = (query) => {
  state.query = query;
  shown.page = 0;
  const field = byId("search");
  if (field) field.value = query;
  refresh();
  byId("images")?.scrollIntoView();
};
routes.set("images?", search);

onMount(() => {
  const field = byId("search");
  if (!field) return;
  field.value = state.query;
  byId("sort").value = state.sort;
  byId("tile-size").value = state.tile;
  field.addEventListener("input", () => { state.query = field.value; shown.page = 0; refresh(); });
  byId("search-clear").addEventListener("click", () => { search(""); field.focus(); });
  byId("sort").addEventListener("change", (event) => { state.sort = event.target.value; refresh(); });
  byId("tile-size").addEventListener("input", (event) => { state.tile = Number(event.target.value); layOut(true); });
  byId("page-back").addEventListener("click", () => { shown.page -= 1; layOutTable(); });
  byId("page-on").addEventListener("click", () => { shown.page += 1; layOutTable(); });
  for (const button of all("[data-shown-as]")) button.addEventListener("click", () => { state.shownAs = button.dataset.shownAs; refresh(); });
  for (const button of all(".search-words .example")) button.addEventListener("click", () => search(button.textContent));
  for (const place of ["grid", "rows"]) byId(place).addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]")?.dataset.row;
    if (row !== undefined) showImage(Number(row));
  });
  byId("grid").addEventListener("keydown", (event) => {
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: shown.columns, ArrowUp: -shown.columns };
    const row = event.target.dataset.row;
    if (!(event.key in moves)) return;
    const here = row === undefined ? -1 : shown.rows.indexOf(Number(row));
    const there = Math.min(shown.rows.length - 1, Math.max(0, row === undefined ? shown.first : here + moves[event.key]));
    event.preventDefault();
    const find = () => byId("grid").querySelector(`[data-row="${shown.rows[there]}"]`);
    if (!find()) { scrollBy(0, Math.sign(moves[event.key]) * (state.tile + 26 + GAP)); layOut(); }
    find()?.focus();
    find()?.scrollIntoView({ block: "nearest" });
  });
  new ResizeObserver(() => layOut()).observe(byId("grid"));
});
addEventListener("scroll", () => layOut(), { passive: true });
addEventListener("resize", () => layOut());

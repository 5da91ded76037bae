// Alike images side by side: which to keep, which to leave out, and captions that are joined.
const review = { place: -1, view: "side", past: [] };
const MEMBERS_SHOWN = 12;

const stored = () => `tagmetry-decisions-${data.id}`;
const keepDecisions = () => {
  try { localStorage.setItem(stored(), JSON.stringify(written().images)); } catch { /* best effort: the file is what counts */ }
  for (const told of all(".decided")) told.textContent = decidedText();
  for (const button of all("#decisions-save, #decisions-copy")) button.disabled = decisions.size === 0;
  if (data.ready && byId("grid")) refresh();
};
const decidedText = () => (decisions.size === 0 ? "" : word(decisions.size === 1 ? "decided_one" : "decided", {
  n: number(decisions.size), drop: number([...decisions.values()].filter((one) => one.choice === "drop").length) }));

// What leaves the page: the images by path and content, so that a file that changed meanwhile is noticed.
const written = () => ({
  format: "tagmetry-decisions/1",
  report: data.id,
  dataset: data.root,
  images: [...decisions].sort(([a], [b]) => a - b).map(([row, one]) => ({
    path: data.paths[row], sha256: data.hash[row], choice: one.choice, ...(one.caption === undefined ? {} : { caption: one.caption }) })),
});
const takeIn = (images) => {
  let taken = 0;
  for (const one of images) {
    const row = data.rowOf.get(one.path);
    if (row === undefined || data.hash[row] !== one.sha256 || !["keep", "drop"].includes(one.choice)) continue;
    decisions.set(row, { choice: one.choice, ...(typeof one.caption === "string" ? { caption: one.caption } : {}) });
    taken += 1;
  }
  return taken;
};

const decide = (changes) => {
  review.past.push(changes.map(([row]) => [row, decisions.get(row)]));
  for (const [row, one] of changes) { if (one) decisions.set(row, one); else decisions.delete(row); }
  keepDecisions();
  fillReview();
};
const undo = () => {
  const last = review.past.pop();
  if (!last) return;
  for (const [row, one] of last) { if (one) decisions.set(row, one); else decisions.delete(row); }
  keepDecisions();
  fillReview();
};
const choose = (row, choice) => decide([[row, choice === decisionOf(row) ? null : { ...decisions.get(row), choice }]]);
const keepOnly = (kept) => decide(data.groups[review.place].rows.map((row) => [row, { choice: row === kept ? "keep" : "drop" }]));
const keepAll = () => decide(data.groups[review.place].rows.map((row) => [row, { choice: "keep" }]));

const keptOf = (group) => group.rows.find((row) => decisionOf(row) === "keep") ?? (group.keeper >= 0 ? group.keeper : group.rows[0]);
// The kept caption with what only the others say behind it, tags once each.
const joined = (group) => {
  const kept = keptOf(group);
  const tags = tagsOf(kept).map((tag) => data.tagNames[tag]);
  const known = new Set(tagsOf(kept));
  for (const row of group.rows) for (const tag of tagsOf(row)) if (!known.has(tag)) { known.add(tag); tags.push(data.tagNames[tag]); }
  return tags.join(", ");
};
const join = () => {
  const group = data.groups[review.place];
  const kept = keptOf(group);
  decide([[kept, decisions.get(kept)?.caption === undefined ? { choice: "keep", caption: joined(group) } : { choice: "keep" }]]);
};

const tagsCompared = (row, kept) => {
  if (row === kept) return tagsOf(row).map((tag) => element("li", {}, element("bdi", { text: data.tagNames[tag] })));
  const [own, others] = [new Set(tagsOf(row)), new Set(tagsOf(kept))];
  const sign = (text, tag, className) => element("li", { className }, element("span", { className: "sign", text }), element("bdi", { text: data.tagNames[tag] }));
  return [...[...own].filter((tag) => !others.has(tag)).map((tag) => sign("+", tag, "gained")),
    ...[...others].filter((tag) => !own.has(tag)).map((tag) => sign("−", tag, "lost"))];
};

const memberOf = (row, place, group) => {
  const kept = keptOf(group);
  const choice = decisionOf(row);
  const letter = String.fromCharCode(65 + place);
  const buttons = ["keep", "drop"].map((one) => element("button", {
    type: "button", "data-choose": one, "data-row": row, "aria-pressed": String(choice === one), "aria-label": word(`${one}_file`, { file: data.paths[row] }), text: word(one) }));
  const tags = tagsCompared(row, kept);
  return element("li", { className: `alike ${choice ? `is-${choice}` : ""}` },
    element("p", { className: "letter" }, element("b", { text: letter }), row === group.keeper ? element("span", { className: "keep", text: word("best") }) : null),
    element("div", { className: "side-frame" }, pictureOf(row)),
    element("p", { className: "paths" }, element("bdi", { text: data.paths[row] })),
    element("p", { className: "quiet", text: `${pixelsOf(row)}, ${word("kilobytes", { n: number(Math.round(data.bytes[row] / 1000)) })}${data.tokens[row] < 0 ? "" : `, ${word("tokens", { n: number(data.tokens[row]) })}`}` }),
    element("div", { className: "switch" }, ...buttons),
    tags.length ? element("ul", { className: "tags" }, ...tags) : element("p", { className: "quiet", text: word(captionOf(row) ? "same_caption" : "no_caption") }),
    captionOf(row) ? element("details", { className: "more" }, element("summary", { text: word("caption") }), element("p", { className: "caption" }, element("bdi", { text: captionOf(row) }))) : null);
};

// Two pictures in one frame: half of each with a line to move, or what differs between them.
const overlaid = (group, difference) => {
  const [first, second] = [keptOf(group), group.rows.find((row) => row !== keptOf(group))];
  const frame = element("div", { className: `overlay ${difference ? "difference" : ""}` }, pictureOf(first, "picture under"), pictureOf(second, "picture over"));
  const names = element("p", { className: "quiet" }, element("bdi", { text: data.paths[first] }), " / ", element("bdi", { text: data.paths[second] }));
  if (difference) return [frame, names];
  const slider = element("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": word("slide") });
  const cut = () => { frame.lastElementChild.style.clipPath = `inset(0 0 0 ${slider.value}%)`; };
  slider.addEventListener("input", cut);
  cut();
  return [frame, slider, names];
};

const fillReview = () => {
  const group = data.groups[review.place];
  if (!group) return;
  const decided = group.rows.filter((row) => decisionOf(row)).length;
  byId("review-title").textContent = word("group", { n: number(review.place + 1), total: number(data.groups.length) });
  byId("review-told").textContent = word("group_told", { n: number(group.rows.length), decided: number(decided) });
  const body = byId("review-body");
  const focused = body.contains(document.activeElement) ? [document.activeElement.dataset.choose, document.activeElement.dataset.row] : null;
  const caption = decisions.get(keptOf(group))?.caption;
  body.replaceChildren(
    ...(review.view === "side"
      ? [element("ul", { className: "sides" }, ...group.rows.slice(0, MEMBERS_SHOWN).map((row, place) => memberOf(row, place, group))),
        group.rows.length > MEMBERS_SHOWN ? element("p", { className: "quiet", text: word("more_members", { n: number(group.rows.length - MEMBERS_SHOWN) }) }) : null]
      : overlaid(group, review.view === "difference")).filter(Boolean),
    ...(caption === undefined ? [] : [element("p", { className: "joined" }, element("b", { text: word("joined") }), " ", element("bdi", { text: caption }))]));
  if (focused) body.querySelector(`[data-choose="${focused[0]}"][data-row="${focused[1]}"]`)?.focus();
  for (const button of all("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === review.view));
  byId("review-join").setAttribute("aria-pressed", String(caption !== undefined));
  byId("review-undo").disabled = review.past.length === 0;
  byId("review-back").disabled = review.place <= 0;
  byId("review-on").disabled = review.place >= data.groups.length - 1;
};
const showReview = (place) => {
  if (!data.groups[place]) return;
  review.place = place;
  fillReview();
  if (!byId("review").open) byId("review").showModal();
  history.replaceState(null, "", `#review/${data.groups[place].anchor}`);
};
const openReview = (anchor) => {
  const place = data.groups ? data.groups.findIndex((group) => group.anchor === anchor) : -1;
  if (place >= 0) showReview(place); else if (byId("lost-link")) byId("lost-link").hidden = false;
};
routes.set("review/", openReview);

const KEYS = {
  n: () => showReview(review.place + 1), p: () => showReview(review.place - 1), b: keepAll, m: join, u: undo,
  x: () => { const row = document.activeElement?.dataset?.row; if (row !== undefined) choose(Number(row), "drop"); },
};

onMount(() => {
  const dialog = byId("review");
  if (!dialog) return;
  for (const button of all("[data-review]")) button.addEventListener("click", () => openReview(button.dataset.review));
  byId("review-start")?.addEventListener("click", () => showReview(Math.max(0, data.groups.findIndex((group) => !group.rows.every((row) => decisionOf(row))))));
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => history.replaceState(null, "", `#${data.groups[review.place]?.anchor ?? "duplicates"}`));
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (event.target === dialog) dialog.close();
    if (button) choose(Number(button.dataset.row), button.dataset.choose);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !byId("review-keys").checked || event.target.type === "range") return;
    const group = data.groups[review.place];
    const digit = Number(event.key);
    if (digit >= 1 && digit <= group.rows.length) keepOnly(group.rows[digit - 1]);
    else if (event.key in KEYS) KEYS[event.key]();
    else return;
    event.preventDefault();
  });
  for (const button of all("[data-view]")) button.addEventListener("click", () => { review.view = button.dataset.view; fillReview(); });
  byId("review-suggested").addEventListener("click", () => keepOnly(data.groups[review.place].keeper));
  byId("review-all").addEventListener("click", keepAll);
  byId("review-join").addEventListener("click", join);
  byId("review-undo").addEventListener("click", undo);
  byId("review-back").addEventListener("click", () => showReview(review.place - 1));
  byId("review-on").addEventListener("click", () => showReview(review.place + 1));
  byId("decisions-save").addEventListener("click", () => {
    const link = element("a", { href: URL.createObjectURL(new Blob([`${JSON.stringify(written(), null, 2)}\n`], { type: "application/json" })), download: "decisions.json" });
    link.click();
    URL.revokeObjectURL(link.href);
    review.saved = decisions.size;
  });
  byId("decisions-copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(`${JSON.stringify(written(), null, 2)}\n`);
    byId("decisions-said").textContent = word("copied");
  });
  byId("decisions-load").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    let images = [];
    try { images = JSON.parse(await file.text()).images ?? []; } catch { /* told below as nothing taken */ }
    const taken = takeIn(Array.isArray(images) ? images : []);
    byId("decisions-said").textContent = word("taken_in", { n: number(taken), total: number(images.length || 0) });
    keepDecisions();
  });
  if (data.ready) keepDecisions();
});
addEventListener("beforeunload", (event) => { if (decisions.size && review.saved !== decisions.size && review.past.length) event.preventDefault(); });

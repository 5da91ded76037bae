// One image with all that is known about it.
const decisions = new Map();
const decisionOf = (row) => decisions.get(row)?.choice;
let opened = null;

const fact = (name, value) => element("div", {}, element("dt", { text: name }), element("dd", {}, element("bdi", { text: value })));

const fillDetail = (row) => {
  byId("detail-title").replaceChildren(element("bdi", { text: data.paths[row] }));
  const facts = element("dl", { className: "facts" },
    fact(word("size"), `${pixelsOf(row)}, ${word("kilobytes", { n: number(Math.round(data.bytes[row] / 1000)) })}`),
    data.concept[row] >= 0 ? fact(word("concept"), data.concepts[data.concept[row]]) : null,
    data.role[row] >= 0 ? fact(word("role"), data.roles[data.role[row]]) : null,
    data.tokens[row] >= 0 ? fact(word("caption"), word("tokens", { n: number(data.tokens[row]) })) : null);
  const tags = tagsOf(row).map((tag) => element("li", {}, element("button", {
    type: "button", className: "chip", title: word("same_tag"), "data-search": `tag:="${data.tagNames[tag].replace(/["\\]/g, "\\$&")}"` },
  element("bdi", { text: data.tagNames[tag] }))));
  const findings = data.found[row].map((one) => element("li", {}, markOf(data.findings.severity[one]), " ",
    element("a", { href: `#finding-${data.findings.id[one]}`, text: data.words[state.language].titles[data.rules[data.findings.rule[one]]] })));
  const caption = captionOf(row);
  byId("detail").querySelector(".detail-body").replaceChildren(
    element("div", { className: "detail-picture" }, pictureOf(row)),
    element("div", {}, facts,
      element("h3", { text: word("findings") }),
      findings.length ? element("ul", { className: "lines" }, ...findings) : element("p", { className: "quiet", text: word("no_findings") }),
      element("h3", { text: word("caption") }),
      caption ? element("p", { className: "caption" }, element("bdi", { text: caption })) : element("p", { className: "quiet", text: word("no_caption") }),
      tags.length ? element("ul", { className: "tags chips" }, ...tags) : null));
  const place = shown.rows.indexOf(row);
  byId("detail-place").textContent = place < 0 ? "" : `${number(place + 1)} / ${number(shown.rows.length)}`;
  byId("detail-back").disabled = place <= 0;
  byId("detail-on").disabled = place < 0 || place >= shown.rows.length - 1;
};

const showImage = (row) => {
  opened = row;
  fillDetail(row);
  if (!byId("detail").open) byId("detail").showModal();
  history.replaceState(null, "", `#image/${encodeURIComponent(data.paths[row])}`);
};
const openImage = (path) => {
  const row = data.rowOf?.get(path);
  if (row !== undefined) showImage(row);
  else if (byId("lost-link")) byId("lost-link").hidden = false;
};
routes.set("image/", openImage);
const step = (by) => {
  const place = shown.rows.indexOf(opened) + by;
  if (opened !== null && place >= 0 && place < shown.rows.length) showImage(shown.rows[place]);
};

onMount(() => {
  const detail = byId("detail");
  if (!detail) return;
  detail.querySelector("[data-close]").addEventListener("click", () => detail.close());
  detail.addEventListener("close", () => {
    opened = null;
    history.replaceState(null, "", state.query ? `#images?${encodeURIComponent(state.query)}` : "#images");
  });
  detail.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#finding-']");
    const chip = event.target.closest("[data-search]");
    if (event.target === detail) detail.close();
    if (chip) { detail.close(); search(chip.dataset.search); }
    if (link) {
      event.preventDefault();
      const hash = link.getAttribute("href");
      detail.addEventListener("close", () => { location.hash = hash; follow(); }, { once: true });
      detail.close();
    }
  });
  detail.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  byId("detail-back").addEventListener("click", () => step(-1));
  byId("detail-on").addEventListener("click", () => step(1));
});

// The images as columns: unpacked by the browser, never by markup made from strings.
const data = { ready: false, n: 0 };
const word = (name, values = {}) => {
  const text = data.words ? data.words[state.language][name] ?? name : name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
};
const number = (value) => value.toLocaleString("en-US");

// A folder report has its data in scripts beside the page; each hands over what it holds, by name.
const taken = new Map();
const waiting = new Map();
globalThis.tagmetryTake = (name, value) => {
  if (waiting.has(name)) waiting.get(name)(value); else taken.set(name, value);
  waiting.delete(name);
};
const handedOver = (name) => (taken.has(name) ? Promise.resolve(taken.get(name)) : new Promise((done) => waiting.set(name, done)));
addEventListener("error", (event) => { if (event.target?.tagName === "SCRIPT" && byId("lost-data")) byId("lost-data").hidden = false; }, true);

// Names of scripts go through one policy, which knows no others; the pictures of the last chunks are kept.
const KEPT_CHUNKS = 12;
const chunks = new Map();
let names = null;
const chunkOf = (place) => {
  if (chunks.has(place)) return chunks.get(place);
  names ??= globalThis.trustedTypes ? trustedTypes.createPolicy("tagmetry", { createScriptURL: (name) => `data/pictures-${Number(name)}.js` }) : { createScriptURL: (name) => `data/pictures-${Number(name)}.js` };
  const chunk = handedOver(`pictures-${place}`);
  chunks.set(place, chunk);
  if (chunks.size > KEPT_CHUNKS) chunks.delete(chunks.keys().next().value);
  const script = element("script");
  script.src = names.createScriptURL(String(place));
  script.addEventListener("load", () => script.remove());
  document.head.append(script);
  return chunk;
};
const TYPES = { U: "image/webp", "/": "image/jpeg" };
const loadedPicture = (row, className) => {
  const shown = element("img", { className, alt: "", width: data.width[row], height: data.height[row] });
  chunkOf(Math.floor(row / data.chunk)).then((letters) => {
    const one = letters[row % data.chunk];
    if (one) shown.src = `data:${TYPES[one[0]]};base64,${one}`; else shown.replaceWith(noPicture(className));
  });
  return shown;
};

const unpack = async () => {
  const packed = byId("data") ? byId("data").content.textContent.trim() : await handedOver("images");
  byId("data")?.remove();
  taken.clear();
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  Object.assign(data, await new Response(stream).json());
  data.n = data.paths.length;
  data.found = Array.from({ length: data.n }, () => []);
  data.findings.rows.forEach((rows, finding) => { for (const row of rows) data.found[row].push(finding); });
  data.worst = Uint8Array.from(data.found, (found) => found.reduce((most, one) => Math.max(most, data.findings.severity[one]), 0));
  data.groupsOf = Array.from({ length: data.n }, () => []);
  data.groups.forEach((group, place) => { for (const row of group.rows) data.groupsOf[row].push(place); });
  data.rowOf = new Map(data.paths.map((path, row) => [path, row]));
  // What a search compares: file names and captions without case, underscores as spaces.
  const plain = (text) => text.toLowerCase().replaceAll("_", " ");
  data.searched = {
    path: data.paths.map((path) => path.toLowerCase()),
    text: data.texts.map(plain),
    tag: data.tagNames.map(plain),
    concept: data.concepts.map((name) => name.toLowerCase()),
  };
  data.ready = true;
};

const captionOf = (row) => (data.text[row] < 0 ? "" : data.texts[data.text[row]]);
const tagsOf = (row) => (data.tagged[row] < 0 ? [] : [...new Set(data.tags[data.tagged[row]])]);
const nameOf = (row) => data.paths[row].slice(data.paths[row].lastIndexOf("/") + 1);
const pixelsOf = (row) => word("pixels", { width: number(data.width[row]), height: number(data.height[row]) });

// The name space of drawings, from one that the page has.
const SVG = document.querySelector("svg").namespaceURI;
const noPicture = (className) => element("span", { className: `no-picture ${className}`, text: word("no_preview") });
const pictureOf = (row, className = "picture") => {
  const stored = data.picture[row] > 0 && byId(`picture-${data.picture[row]}`);
  if (!stored) return data.chunk ? loadedPicture(row, className) : noPicture(className);
  const [width, height] = [stored.getAttribute("width"), stored.getAttribute("height")];
  const shown = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["class", className], ["viewBox", `0 0 ${width} ${height}`], ["width", width], ["height", height], ["aria-hidden", "true"], ["focusable", "false"]]) shown.setAttribute(key, value);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#picture-${data.picture[row]}`);
  shown.append(use);
  return shown;
};

const LOOKS = ["", "note", "warning", "error"];
const markOf = (severity) => {
  const icon = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["class", `icon ${LOOKS[severity]}`], ["viewBox", "0 0 16 16"], ["width", "16"], ["height", "16"], ["role", "img"], ["aria-label", data.words[state.language].severities[severity]]]) icon.setAttribute(key, value);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${LOOKS[severity]}`);
  icon.append(use);
  return icon;
};

// The search among the images: words, and `key:value` with a minus to turn it around.
const TEXTS = {
  file: (row, value) => data.searched.path[row].includes(value),
  caption: (row, value) => (value === "none" ? data.text[row] < 0 : data.text[row] >= 0 && data.searched.text[data.text[row]].includes(value)),
  tag: (row, value) => tagsOf(row).some((tag) => data.searched.tag[tag].includes(value)),
  concept: (row, value) => data.concept[row] >= 0 && data.searched.concept[data.concept[row]].includes(value),
  role: (row, value) => data.role[row] >= 0 && data.roles[data.role[row]].startsWith(value),
  rule: (row, value) => data.found[row].some((one) => data.rules[data.findings.rule[one]].includes(value)),
  severity: (row, value) => data.found[row].some((one) => LOOKS[data.findings.severity[one]] === (value === "info" ? "note" : value)),
  decision: (row, value) => (decisionOf(row) || "none") === value,
};
const EXACT = {
  file: (row, value) => data.searched.path[row] === value,
  caption: (row, value) => data.text[row] >= 0 && data.searched.text[data.text[row]] === value,
  tag: (row, value) => tagsOf(row).some((tag) => data.searched.tag[tag] === value),
  concept: (row, value) => data.concept[row] >= 0 && data.searched.concept[data.concept[row]] === value,
  role: (row, value) => data.role[row] >= 0 && data.roles[data.role[row]] === value,
  rule: (row, value) => data.found[row].some((one) => data.rules[data.findings.rule[one]] === value),
};
const NUMBERS = {
  tokens: (row) => (data.tokens[row] < 0 ? NaN : data.tokens[row]),
  tags: (row) => tagsOf(row).length,
  width: (row) => data.width[row],
  height: (row) => data.height[row],
  side: (row) => Math.min(data.width[row], data.height[row]),
  megapixels: (row) => (data.width[row] * data.height[row]) / 1e6,
  ratio: (row) => data.width[row] / data.height[row],
  kilobytes: (row) => data.bytes[row] / 1000,
  findings: (row) => data.found[row].length,
};
const WORD = /(-?)(?:([a-z]+):)?(?:(=?)"((?:[^"\\]|\\.)*)"|(\S+))/gi;
const RANGE = /^(?:(>=|<=|>|<|=)?(-?\d+(?:\.\d+)?)|(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?))$/;
const COMPARED = { ">": (a, b) => a > b, ">=": (a, b) => a >= b, "<": (a, b) => a < b, "<=": (a, b) => a <= b, "=": (a, b) => a === b };

const testOf = (key, value, exact) => {
  if (key in NUMBERS) {
    const range = RANGE.exec(value);
    if (!range) return { problem: word("no_number", { word: key }) };
    const measure = NUMBERS[key];
    if (range[3] !== undefined) return { test: (row) => measure(row) >= Number(range[3]) && measure(row) <= Number(range[4]) };
    const compare = COMPARED[range[1] || "="];
    return { test: (row) => compare(measure(row), Number(range[2])) };
  }
  if (!(key in TEXTS)) return { problem: word("unknown", { word: key, known: [...Object.keys(TEXTS), ...Object.keys(NUMBERS)].join(", ") }) };
  const wanted = key === "file" || key === "rule" || key === "concept" ? value.toLowerCase() : value.toLowerCase().replaceAll("_", " ");
  const test = exact && key in EXACT ? EXACT[key] : TEXTS[key];
  return { test: (row) => test(row, wanted) };
};

// The rows that fit a query, in the order of the files, or what is wrong with the query.
const fitting = (query) => {
  const tests = [];
  for (const [, minus, key, equals, quoted, bare] of query.matchAll(WORD)) {
    let value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1");
    let exact = equals === "=";
    if (key && quoted === undefined && value.startsWith("=") && !(key.toLowerCase() in NUMBERS)) { value = value.slice(1); exact = true; }
    const plain = value.toLowerCase();
    const found = key ? testOf(key.toLowerCase(), value, exact)
      : { test: (row) => TEXTS.file(row, plain) || (data.text[row] >= 0 && data.searched.text[data.text[row]].includes(plain.replaceAll("_", " "))) };
    if (found.problem) return { rows: [], problem: found.problem };
    tests.push(minus ? (row) => !found.test(row) : found.test);
  }
  const rows = [];
  for (let row = 0; row < data.n; row += 1) if (tests.every((test) => test(row))) rows.push(row);
  return { rows };
};

const SORTS = {
  path: () => 0,
  worst: (a, b) => data.worst[b] - data.worst[a] || data.found[b].length - data.found[a].length,
  side: (a, b) => NUMBERS.side(a) - NUMBERS.side(b),
  tokens: (a, b) => data.tokens[b] - data.tokens[a],
  kilobytes: (a, b) => data.bytes[a] - data.bytes[b],
};

// Links, and what the parts of the script share. The page says everything that counts without any of it.
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const state = { language: document.documentElement.lang, query: "", sort: "path", shownAs: "grid", tile: 136, theme: "auto" };
const mounts = [];
// Each part says what it does with a fresh body: at the start, and again after the language was switched.
const onMount = (part) => mounts.push(part);

const element = (name, { text, className, ...attributes } = {}, ...children) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

// What links lead to beside the elements of the page, by how they begin.
const routes = new Map();
const beforeFollowing = [];

// A link may lead into a folded part, to a search among the images, or to one image.
const follow = () => {
  let name = location.hash.slice(1);
  try { name = decodeURIComponent(name); } catch { return; }
  if (!name) return;
  const route = /^[a-z]+[?/]/.exec(name)?.[0];
  if (routes.has(route)) { routes.get(route)(name.slice(route.length)); return; }
  const target = byId(name);
  const lost = byId("lost-link");
  if (lost) lost.hidden = Boolean(target);
  if (!target) return;
  for (const prepare of beforeFollowing) prepare(target);
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
  }
  target.scrollIntoView();
};

let watcher = null;
onMount(() => {
  for (const part of all(".scripted")) part.hidden = false;
  watcher?.disconnect();
  const links = new Map(all(".side a").map((link) => [link.hash.slice(1), link]));
  const parts = all("main > section");
  const seen = new Set();
  watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) seen.add(entry.target); else seen.delete(entry.target);
    }
    const first = parts.find((part) => seen.has(part));
    for (const [id, link] of links) {
      if (first && id === first.id) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-10% 0px -60% 0px" });
  for (const part of parts) watcher.observe(part);
});
addEventListener("hashchange", follow);

// Language and colours.
const kept = (name) => { try { return localStorage.getItem(`tagmetry-${name}`); } catch { return null; } };
const keep = (name, value) => { try { localStorage.setItem(`tagmetry-${name}`, value); } catch { /* a page from a file may not keep things */ } };

const setTheme = (theme) => {
  state.theme = theme;
  if (theme === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
  for (const button of all("[data-theme]:not(html)")) button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
};

// Each language's body as the page came, so that a switch is a fresh start: what was open stays open.
const bodies = new Map(all("template.other-language").map((other) => [other.dataset.language, other.content]));
const setLanguage = (language) => {
  const body = byId("body");
  if (language === state.language || !bodies.has(language)) return;
  const open = all("details", body).map((part) => part.open);
  const top = scrollY;
  body.replaceChildren(document.importNode(bodies.get(language), true));
  state.language = document.documentElement.lang = language;
  all("details", body).forEach((part, place) => { part.open = open[place] ?? part.open; });
  mount();
  scrollTo(0, top);
};

const mount = () => {
  setTheme(state.theme);
  for (const part of mounts) part();
  for (const button of all("button[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
    button.addEventListener("click", () => { setLanguage(button.dataset.language); keep("language", button.dataset.language); });
  }
  for (const button of all("button[data-theme]")) button.addEventListener("click", () => { setTheme(button.dataset.theme); keep("theme", button.dataset.theme); });
};

const asItCame = document.createDocumentFragment();
asItCame.append(...[...byId("body").childNodes].map((part) => part.cloneNode(true)));
bodies.set(state.language, asItCame);
state.theme = kept("theme") ?? "auto";

// The page works without this. A link into a folded part opens it, and the index shows where one reads.
"use strict";
(() => {
  const open = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  const links = new Map();
  for (const link of document.querySelectorAll(".side a")) links.set(link.hash.slice(1), link);
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) seen.add(entry.target); else seen.delete(entry.target);
    }
    const first = [...document.querySelectorAll("main > section")].find((part) => seen.has(part));
    for (const [id, link] of links) {
      if (first && id === first.id) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-10% 0px -60% 0px" });
  for (const part of document.querySelectorAll("main > section")) watcher.observe(part);
})();

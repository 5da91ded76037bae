// The start of the review, when everything it is made of is there.
mount();
unpack().then(() => {
  try { takeIn(JSON.parse(localStorage.getItem(stored()) ?? "[]")); } catch { /* a page from a file may not keep things */ }
  if (byId("review")) keepDecisions();
  if (kept("language")) setLanguage(kept("language"));
  refresh();
  follow();
  document.documentElement.dataset.ready = "true";
});

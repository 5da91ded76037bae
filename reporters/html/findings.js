// The cards that are wanted: of one severity, or with a word; and commands to be copied, which hold ids only.
const wanted = { look: "", text: "" };

const showWanted = () => {
  const cards = all("#findings .card");
  let rules = 0;
  for (const card of cards) {
    const fits = (!wanted.look || card.dataset.look === wanted.look) && (!wanted.text || card.textContent.toLowerCase().includes(wanted.text));
    card.hidden = !fits;
    if (fits) rules += 1;
    const line = document.querySelector(`[data-card="${CSS.escape(card.id)}"]`);
    if (line) line.hidden = !fits;
  }
  const told = byId("findings-told");
  if (told) told.textContent = rules === cards.length ? "" : word("rules_shown", { n: number(rules), total: number(cards.length) });
  for (const button of all("[data-severity]")) button.setAttribute("aria-pressed", String(button.dataset.severity === wanted.look));
};
// A link to a card that the filter hides takes the filter away.
const unhide = (target) => {
  if (!target.closest("#findings [hidden]")) return;
  Object.assign(wanted, { look: "", text: "" });
  if (byId("findings-filter")) byId("findings-filter").value = "";
  showWanted();
};
beforeFollowing.push(unhide);

onMount(() => {
  const field = byId("findings-filter");
  for (const button of all("[data-copy]")) button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = word("copied");
  });
  if (!field) return;
  field.value = wanted.text;
  field.addEventListener("input", () => { wanted.text = field.value.trim().toLowerCase(); showWanted(); });
  for (const button of all("[data-severity]")) button.addEventListener("click", () => { wanted.look = button.dataset.severity; showWanted(); });
  if (data.ready) showWanted();
});

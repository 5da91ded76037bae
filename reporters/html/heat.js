// Squares of two tags: what they stand for under the pointer, and their images by a click.
const pairAt = (heat, event) => {
  const terms = heat.dataset.terms.split(" ");
  const box = heat.getBoundingClientRect();
  const at = (offset) => Math.floor(offset / Number(heat.dataset.cell));
  const [column, row] = [at(event.clientX - box.left), at(event.clientY - box.top)];
  if (column < 0 || column >= row || row >= terms.length) return null;
  const [one, other] = [terms[column], terms[row]].map((link) => decodeURIComponent(link.slice("#images?".length)));
  return `${one} ${other.slice(other.indexOf("tag:"))}`;
};
onMount(() => {
  for (const heat of all("svg.heat[data-terms]")) {
    const told = heat.closest("figure").querySelector(".heat-told");
    heat.addEventListener("pointermove", (event) => {
      const query = data.ready && pairAt(heat, event);
      const tags = query ? [...query.matchAll(/tag:=?"((?:[^"\\]|\\.)*)"/g)].map((found) => found[1].replace(/\\(.)/g, "$1")) : [];
      if (query) told.textContent = `${tags.join(" + ")}: ${word("images", { n: number(fitting(query).rows.length) })}`;
      heat.classList.toggle("on-pair", Boolean(query));
    });
    heat.addEventListener("click", (event) => {
      const query = data.ready && pairAt(heat, event);
      if (query) search(query);
    });
  }
});

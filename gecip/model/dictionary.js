// Show only the columns, and tables, of which all the words that are typed are said.
const search = document.getElementById("search");
const count = document.getElementById("count");
const sections = [...document.querySelectorAll("main section")].map((section) => ({
  section,
  link: document.querySelector(`nav a[href="#${section.id}"]`),
  said: section.dataset.said,
  rows: [...section.querySelectorAll("tbody tr")].map((row) => [row, row.textContent.toLowerCase()]),
}));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (said) => words.every((word) => said.includes(word));
  let tables = 0;
  let columns = 0;
  for (const { section, link, said, rows } of sections) {
    const found = rows.filter(([, text]) => has(text));
    const whole = found.length === 0 && has(said);
    for (const [row] of rows) row.hidden = !whole;
    for (const [row] of found) row.hidden = false;
    const shown = whole || found.length > 0;
    section.hidden = !shown;
    if (link) link.hidden = !shown;
    tables += shown ? 1 : 0;
    columns += whole ? rows.length : found.length;
  }
  for (const area of document.querySelectorAll("nav .area")) {
    area.hidden = [...area.querySelectorAll("a")].every((link) => link.hidden);
  }
  const number = (value) => value.toLocaleString("en-GB");
  count.textContent = `${number(tables)} tables, ${number(columns)} columns`;
  mark(words);
}

// Browsers without highlights still find; they only do not colour what was found.
function mark(words) {
  if (!("highlights" in CSS)) return;
  const ranges = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (words.length && walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("[hidden]")) continue;
    const text = node.data.toLowerCase();
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

search.addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});
filter();

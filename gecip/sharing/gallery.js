"use strict";
// Search and the domains' buttons; the state stands behind the # of the address, so that it can be handed on.
(() => {
  const search = document.getElementById("search");
  const buttons = [...document.querySelectorAll("#domains button")];
  const cards = [...document.querySelectorAll(".cards article")];
  const count = document.getElementById("count");
  const nothing = document.getElementById("nothing");
  let domain = "";

  // A word is found at the beginning of any word; all words have to be found.
  const says = (card, words) => {
    const text = " " + card.dataset.words;
    return words.every((word) => text.includes(" " + word));
  };

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      card.hidden = !((!domain || card.dataset.domain === domain) && says(card, words));
      shown += !card.hidden;
    }
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.domain === domain));
    }
    count.textContent = `${shown} notebook${shown === 1 ? "" : "s"}`;
    nothing.hidden = shown > 0;
  };

  const keep = () => {
    const state = new URLSearchParams();
    if (domain) state.set("domain", domain);
    if (search.value.trim()) state.set("search", search.value.trim());
    const text = state.toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname);
  };

  const restore = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    domain = buttons.some((one) => one.dataset.domain === state.get("domain")) ? state.get("domain") : "";
    search.value = state.get("search") || "";
    show();
  };

  search.addEventListener("input", () => { show(); keep(); });
  for (const button of buttons) {
    button.addEventListener("click", () => { domain = button.dataset.domain; show(); keep(); });
  }
  window.addEventListener("hashchange", restore);
  restore();
})();

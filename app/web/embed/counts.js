// <btl-count story="KEY" [site]>: how many comments a story has; one request for all of them on the page.

const MOST_KEYS = 100;
const waiting = new Map();

class Count extends HTMLElement {
  connectedCallback() {
    const site = this.getAttribute("site") || "";
    if (!waiting.size) queueMicrotask(askForCounts);
    if (!waiting.has(site)) waiting.set(site, []);
    waiting.get(site).push(this);
  }
}

async function askForCounts() {
  // what the parser has not reached yet asks with the rest
  if (document.readyState === "loading") await new Promise((ready) => document.addEventListener("DOMContentLoaded", ready));
  const asked = [...waiting];
  waiting.clear();
  for (const [site, elements] of asked) {
    const keys = [...new Set(elements.map((each) => each.getAttribute("story")).filter(Boolean))];
    for (let first = 0; first < keys.length; first += MOST_KEYS) await count(site, keys.slice(first, first + MOST_KEYS), elements);
  }
}

async function count(site, keys, elements) {
  const url = new URL("/api/v1/counts", HOME);
  if (site) url.searchParams.set("site", site);
  for (const key of keys) url.searchParams.append("key", key);
  const found = await fetch(url).then((answer) => answer.json()).catch(() => ({}));
  for (const each of elements) {
    const number = found.counts?.[each.getAttribute("story")];
    if (number !== undefined) each.textContent = formatted(number);
  }
}

// a page may carry the script twice
if (!customElements.get("btl-comments")) {
  customElements.define("btl-comments", Comments);
  customElements.define("btl-count", Count);
}

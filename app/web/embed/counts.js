// <btl-count story="KEY" [site]>: how many comments a story has; one request for all of them on the page, or few.

// more keys are not answered at once, and longer addresses not read by every server
const MOST_KEYS = 100;
const LONGEST_QUERY = 6000;
const counts = new Set();
const waiting = new Set();

class Count extends HTMLElement {
  static observedAttributes = ["story", "site"];

  connectedCallback() {
    counts.add(this);
    if (!waiting.size) queueMicrotask(askForCounts);
    waiting.add(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.connectedCallback();
  }

  disconnectedCallback() {
    counts.delete(this);
  }
}

async function askForCounts() {
  // what the parser has not reached yet asks with the rest
  if (document.readyState === "loading") await new Promise((ready) => document.addEventListener("DOMContentLoaded", ready));
  const sites = new Map();
  for (const each of waiting) {
    const [site, key] = [each.getAttribute("site"), each.getAttribute("story")];
    if (!sites.has(site)) sites.set(site, new Set());
    if (key) sites.get(site).add(key);
  }
  waiting.clear();
  for (const [site, keys] of sites) for (const some of portions(keys)) await count(site, some);
}

function portions(keys) {
  const found = [];
  let length = Infinity;
  for (const key of keys) {
    const more = `&key=${encodeURIComponent(key)}`.length;
    if (length + more > LONGEST_QUERY || found.at(-1).length === MOST_KEYS) {
      found.push([]);
      length = 0;
    }
    found.at(-1).push(key);
    length += more;
  }
  return found;
}

async function count(site, keys) {
  const url = new URL(address("/api/v1/counts", { site }));
  for (const key of keys) url.searchParams.append("key", key);
  const found = await fetch(url).then((answer) => answer.json()).catch(() => ({}));
  showCounts(site, found.counts || {});
}

// Of stories of a newspaper, wherever their number stands.
function showCounts(site, numbers) {
  for (const each of counts) {
    const key = each.getAttribute("story");
    if (each.getAttribute("site") === site && Object.hasOwn(numbers, key)) each.textContent = formatted(numbers[key]);
  }
}

// a page may carry the script twice
if (!customElements.get("btl-comments")) {
  customElements.define("btl-comments", Comments);
  customElements.define("btl-count", Count);
}

// Nodes, words and the address that this script came from. Nothing here or after it parses HTML.

// an element of the page that is named so ("currentScript") stands before the real one; then it is none of ours
const RUNNING = document.currentScript;
const SCRIPT = RUNNING instanceof HTMLScriptElement ? RUNNING : document.querySelector('script[src*="/embed.js"]');
const HOME = new URL(SCRIPT.src).origin;
// how it writes dates and numbers: plain "en" is American there, and British on our pages
const WRITTEN = LANGUAGE === "en" ? "en-GB" : LANGUAGE;

// A sentence of ours with its %(name)s places filled.
function say(key, places = {}) {
  return WORDS[key].replace(/%\((\w+)\)s/g, (_, name) => String(places[name]));
}

// The same in the form that agrees with a number: `key_one` or `key_other`.
function sayNumber(key, number, places = {}) {
  const form = new Intl.PluralRules(LANGUAGE).select(number) === "one" ? "one" : "other";
  return say(`${key}_${form}`, { number: formatted(number), ...places });
}

function formatted(number) {
  return new Intl.NumberFormat(WRITTEN).format(number);
}

// A node: `on…` are listeners, null and false leave an attribute out, strings among the children are text.
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function button(words, act, attributes = {}) {
  return el("button", { type: "button", onclick: act, ...attributes }, words);
}

// An address of ours, with what of `parameters` is given.
function address(path, parameters = {}) {
  const url = new URL(path, HOME);
  for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
  return url.href;
}

function randomText() {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let lastId = 0;

function freshId() {
  lastId += 1;
  return `btl-${lastId}`;
}

// Tells the page that opened this window, at that origin alone, that it is open; and who reads it, once.
"use strict";

const { origin } = document.getElementById("window").dataset;
const told = document.getElementById("told");
if (!window.opener) document.getElementById("parted").hidden = false;
window.opener?.postMessage({ type: "btl-open" }, origin);
if (told && window.opener) {
  window.opener.postMessage({ type: "btl-session", ...JSON.parse(told.dataset.told) }, origin);
  told.removeAttribute("data-told");
  window.close();
}

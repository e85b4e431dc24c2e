// Tells the page that opened this window who reads it: that origin alone, and once.
"use strict";

const told = document.getElementById("told");
if (told && window.opener) {
  window.opener.postMessage({ type: "btl-session", ...JSON.parse(told.dataset.told) }, told.dataset.origin);
  told.removeAttribute("data-told");
  window.close();
}

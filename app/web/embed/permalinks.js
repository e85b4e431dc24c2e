// A comment's own address under the article: that of the page, with a fragment that names the comment.

// parameters that say where a reader came from
const CAME_FROM = /^(utm_\w+|fbclid|gclid|msclkid|mc_[ce]id)$/;

// The comment that the page's address names, unless that is an element of the page itself.
function named() {
  const [, id] = /^#comment-(\d{1,19})$/.exec(location.hash) || [];
  return id && !document.getElementById(`comment-${id}`) ? id : null;
}

function permalink(id) {
  return `${withoutFragment()}#comment-${id}`;
}

function forgetNamed() {
  history.replaceState(history.state, "", withoutFragment());
}

function withoutFragment() {
  return location.href.split("#")[0];
}

// The same for whoever comes here, from wherever.
function ownAddress() {
  const url = new URL(withoutFragment());
  for (const name of [...url.searchParams.keys()]) if (CAME_FROM.test(name)) url.searchParams.delete(name);
  return url.href;
}

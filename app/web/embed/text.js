// A comment's text, of the tree that the API gives: what is not known is left out with its words kept.

const TAGS = {
  paragraph: "p", quote: "blockquote", list: "ul", item: "li", code_block: "pre", code: "code",
  strong: "strong", em: "em", deleted: "del", link: "a", break: "br",
};

function words(tree) {
  return tree.map((part) => (typeof part === "string" ? part : nodeOf(part)));
}

function nodeOf(part) {
  const tag = part.start === undefined ? TAGS[part.kind] || "span" : "ol";
  return el(tag, attributesOf(part), ...words(part.content || []));
}

function attributesOf(part) {
  if (part.kind === "link" && /^https?:\/\//i.test(part.to)) return { href: part.to, rel: "nofollow ugc noopener" };
  return part.start > 1 ? { start: part.start } : {};
}

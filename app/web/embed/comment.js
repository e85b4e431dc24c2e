// One comment with its replies, and what its reader may do with it.

const GONE = { deleted: "gone_deleted", removed: "gone_removed", held: "gone_held" };
// beyond so many, replies wait until somebody wants to read them
const REPLIES_SHOWN = 2;

function commentItem(comment, thread, options = {}) {
  return thread.mutes.has(comment.author?.id) && !options.shown ? mutedItem(comment, thread, options) : fullItem(comment, thread, options);
}

// By somebody whom its reader has muted: folded, with the replies of others below.
function mutedItem(comment, thread, options) {
  const name = comment.author.name;
  const item = el("li", { class: "item" });
  const show = button(say("show_it"), () => {
    const full = commentItem(comment, thread, { ...options, shown: true });
    item.replaceWith(full);
    full.querySelector("article").focus();
  }, { class: "act", "aria-label": say("show_comment_of", { name }) });
  const back = button(say("unmute"), () => thread.guarded(back, () => thread.mute(comment.author, false)), { class: "act" });
  item.append(el("article", { id: `c${comment.id}`, class: "comment muted", tabindex: "-1", "aria-label": say("muted", { name }) }, el("p", { class: "quiet" }, say("muted", { name })), el("p", { class: "acts" }, show, back)));
  if (comment.replies.length || comment.more) item.append(repliesOf(comment, thread, options.unfolded));
  return item;
}

function fullItem(comment, thread, { unfolded = false } = {}) {
  if (comment.author) thread.names.add(comment.author.name);
  const body = comment.author ? [textOf(comment.tree), acts(comment, thread)] : [];
  const inside = el("div", { class: "inside" }, answered(comment), ...body);
  const called = comment.id === thread.at;
  const article = el(
    "article",
    {
      id: `c${comment.id}`, class: called ? "comment called" : "comment", part: "comment", tabindex: "-1",
      "aria-labelledby": `by-${comment.id}`, "aria-current": called && "true",
    },
    byline(comment, inside, thread),
    inside,
  );
  const item = el("li", { class: "item" }, article);
  if (comment.replies.length || comment.more) inside.append(repliesOf(comment, thread, unfolded));
  return item;
}

function textOf(tree) {
  return el("div", { class: "words", part: "text", dir: "auto" }, ...words(tree));
}

function gone(comment, rules) {
  const rule = rules.find((each) => each.id === comment.rule);
  return rule ? say("gone_removed_for", { rule: rule.title }) : say(GONE[comment.state] || "gone_held");
}

function byline(comment, inside, thread) {
  const author = comment.author;
  const name = author ? author.name : gone(comment, thread.house.rules);
  return el(
    "header",
    { class: author ? "by" : "by gone" },
    el("h3", { id: `by-${comment.id}`, part: "author", dir: "auto" }, name),
    author?.staff && badge("staff"),
    author?.wrote_story && badge("wrote_story"),
    comment.id === thread.story?.pinned && badge("pinned"),
    comment.picked && badge("picked"),
    author && comment.common_ground && badge("common_ground", { title: say("common_ground_why") }),
    author?.name_checked && el("span", { class: "checked", title: say("name_checked_why") }, say("name_checked")),
    el("a", { class: "when", href: permalink(comment.id) }, timeOf(comment.created_at)),
    author && comment.edited_at && el("span", { class: "quiet" }, say("edited")),
    author && folding(name, inside),
  );
}

function badge(words, more = {}) {
  return el("span", { class: "tag", part: "badge", ...more }, say(words));
}

function folding(name, inside) {
  const fold = button("▴", () => {
    inside.hidden = !inside.hidden;
    fold.setAttribute("aria-expanded", String(!inside.hidden));
  }, { class: "fold", "aria-expanded": "true", "aria-label": say("fold", { name }), title: say("fold", { name }) });
  return fold;
}

function answered(comment) {
  const to = comment.in_reply_to;
  if (!to) return null;
  const sentence = to.name ? say("in_reply_to", { name: to.name }) : say("in_reply_to_gone");
  return el("p", { class: "answers quiet" }, to.name ? el("a", { href: permalink(to.id) }, sentence) : sentence);
}

function repliesOf(comment, thread, unfolded) {
  const list = el("ol", { class: "replies" }, ...comment.replies.map((reply) => commentItem(reply, thread, { unfolded: true })));
  const below = el("div", { class: "below" }, list);
  if (comment.more) below.append(moreReplies(comment, thread, list));
  const many = unfolded ? 0 : countOf(comment.replies);
  if (many <= REPLIES_SHOWN) return below;
  below.hidden = true;
  const show = sayNumber("show_replies", comment.conversation_count);
  const open = button(show, () => {
    below.hidden = !below.hidden;
    open.setAttribute("aria-expanded", String(!below.hidden));
    open.textContent = below.hidden ? show : say("hide_replies");
    thread.seen();
  }, { class: "act more", "aria-expanded": "false" });
  return el("div", {}, open, below);
}

function countOf(comments) {
  return comments.reduce((sum, comment) => sum + 1 + countOf(comment.replies), 0);
}

function moreReplies(comment, thread, list) {
  const more = button(say("more_replies"), async () => {
    more.disabled = true;
    await thread.guarded(more, async () => {
      const found = await thread.api.read(`/api/v1/comments/${comment.id}/replies`, { cursor: more.dataset.cursor });
      const items = thread.unseen(found.comments).map((each) => commentItem(each, thread, { unfolded: true }));
      list.append(...items);
      items[0]?.querySelector("article").focus();
      thread.seen();
      if (found.next) more.dataset.cursor = found.next;
      else more.remove();
    });
    more.disabled = false;
  }, { class: "act more", "data-cursor": comment.more });
  return more;
}

function acts(comment, thread) {
  const begun = thread.begun(comment.id);
  if (begun) return Object.assign(begun, { comment });
  const beside = el("div", { class: "place beside" });
  const place = el("div", { class: "place" });
  const bar = el("footer", { class: "acts" });
  const own = thread.wrote(comment);
  if (own) bar.append(...ownActs(comment, thread, place));
  else {
    const open = thread.takesReactions(comment);
    if (open) bar.append(respectButton(comment, thread));
    else if (comment.respects) bar.append(respectCount(comment));
    if (open && thread.house.disagreement) bar.append(disagreeButton(comment, thread, beside));
    bar.append(reportButton(comment, thread, place));
  }
  if (!thread.closed) bar.append(replyButton(comment, thread, place));
  if (!own && thread.reader) bar.append(muteButton(comment, thread));
  const made = el("div", { class: "below-text", "data-acts": comment.id, "data-by": thread.reader?.me.id }, bar, beside, place);
  return Object.assign(made, { comment });
}

// Who respects an old comment is forgotten; how many did is kept.
function respectCount(comment) {
  const number = el("span", { class: "number" }, formatted(comment.respects));
  return el("span", { class: "act respect", title: say("respect_means") }, say("respect"), number);
}

function respectButton(comment, thread) {
  const number = el("span", { class: "number" });
  const act = button([], () => thread.forReader(act, toggle), { class: "act respect", title: say("respect_means") });
  const show = (given) => {
    act.setAttribute("aria-pressed", String(given));
    act.setAttribute("aria-label", `${say("respect_of", { name: comment.author.name })}, ${formatted(comment.respects)}`);
    number.textContent = comment.respects ? formatted(comment.respects) : "";
  };
  let busy = false;
  async function toggle() {
    if (busy) return;
    busy = true;
    await turned().finally(() => (busy = false));
  }
  async function turned() {
    const given = thread.respects.has(comment.id);
    const found = await thread.api.act(given ? "DELETE" : "PUT", `/api/v1/comments/${comment.id}/respect`);
    comment.respects = found.respects;
    thread.respects[found.respected ? "add" : "delete"](comment.id);
    show(found.respected);
  }
  act.replaceChildren(say("respect"), number);
  show(thread.respects.has(comment.id));
  return act;
}

// Quiet: nobody else sees it, so what it is for stands beside it.
function disagreeButton(comment, thread, beside) {
  const { id } = comment;
  const act = button(say("disagree"), () => thread.forReader(act, async () => {
    const given = thread.disagreements.has(id);
    await thread.api.act(given ? "DELETE" : "PUT", `/api/v1/comments/${id}/disagreement`);
    thread.disagreements[given ? "delete" : "add"](id);
    show();
    if (!given) beside.replaceChildren(el("p", { class: "quiet", role: "status" }, `${say("disagree_why")}.`));
  }), { class: "act", "aria-label": say("disagree_with", { name: comment.author.name }), title: say("disagree_why") });
  const show = () => act.setAttribute("aria-pressed", String(thread.disagreements.has(id)));
  show();
  return act;
}

function replyButton(comment, thread, place) {
  const name = comment.author.name;
  const act = button(say("reply"), () => thread.forReader(act, () => opened(act, place, writing)), {
    class: "act", "aria-label": say("reply_to", { name }), "aria-expanded": "false",
  });
  const writing = () => textForm(thread, {
    label: say("your_reply_to", { name }),
    send: say("post_reply"),
    draft: comment.id,
    quoted: place,
    cancel: () => closed(act, place),
    post: (said) => thread.post(said, place.parentNode.comment),
    done: () => folded(act, place),
  });
  return act;
}

function reportButton(comment, thread, place) {
  if (thread.reports.has(comment.id)) return el("span", { class: "act quiet" }, say("reported"));
  const act = button(say("report"), () => thread.forReader(act, () => opened(act, place, asking), "report"), {
    class: "act", "aria-label": say("report_of", { name: comment.author.name }), "aria-expanded": "false",
  });
  const asking = () => reportForm(thread, comment, () => closed(act, place), () => {
    thread.reports.add(comment.id);
    place.replaceChildren(el("p", { class: "notice", role: "status", tabindex: "-1" }, say("report_thanks")));
    place.firstChild.focus();
    act.replaceWith(el("span", { class: "act quiet" }, say("reported")));
  });
  return act;
}

function muteButton(comment, thread) {
  const { author } = comment;
  const act = button(say("mute"), () => thread.guarded(act, () => thread.mute(author, true)), {
    class: "act", "aria-label": say("mute_of", { name: author.name }), title: say("mute_why"),
  });
  return act;
}

function ownActs(comment, thread, place) {
  const until = thread.editableUntil(comment);
  const edit = button([], () => thread.forReader(edit, async () => {
    const own = await thread.api.act("GET", `/api/v1/comments/${comment.id}/own`);
    opened(edit, place, () => textForm(thread, {
      label: say("your_comment"),
      send: say("save"),
      text: own.text,
      draft: `edit:${comment.id}:${own.revision}`,
      cancel: () => closed(edit, place),
      post: (said) => thread.edit(place.parentNode.comment, said),
      done: () => {},
    }));
  }), { class: "act", "data-until": until, "aria-expanded": "false" });
  edit.append(say("edit"), el("span"));
  countDown(edit);
  const sure = button(say("delete"), () => opened(sure, place, () => el(
    "p",
    { class: "sure", tabindex: "-1" },
    say("delete_sure"),
    button(say("delete_for_good"), () => thread.forReader(sure, () => thread.takeBack(comment), "own"), { class: "bad" }),
    button(say("cancel"), () => closed(sure, place), { class: "quiet" }),
  )), { class: "act", "aria-label": say("delete_own"), "aria-expanded": "false" });
  return until > Date.now() ? [edit, sure] : [sure];
}

// How long a comment can still be changed stands in the button, which goes when that is over.
function countDown(edit) {
  const left = Math.ceil((edit.dataset.until - Date.now()) / 60000);
  const said = sayNumber("minutes_left", left);
  edit.lastChild.textContent = `· ${said}`;
  edit.setAttribute("aria-label", `${say("edit_own")}, ${said}`);
  if (left > 0) return;
  if (edit.matches(":focus")) edit.nextElementSibling.focus();
  edit.remove();
}

// One form at a time below a comment, opened and closed by the button that it belongs to.
function opened(act, place, made) {
  if (act.getAttribute("aria-expanded") === "true") return closed(act, place);
  place.parentNode.querySelector(".beside").replaceChildren();
  for (const other of act.parentNode.querySelectorAll("[aria-expanded]")) other.setAttribute("aria-expanded", "false");
  place.replaceChildren(made());
  act.setAttribute("aria-expanded", "true");
  (place.querySelector("textarea, input") || place.firstChild).focus();
}

function closed(act, place) {
  folded(act, place);
  act.focus();
}

function folded(act, place) {
  place.replaceChildren();
  act.setAttribute("aria-expanded", "false");
}

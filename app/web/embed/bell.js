// What its reader is told, and whether they follow the story: a line above the comments.

function bellBar(thread) {
  const panel = el("div", { class: "told", hidden: true });
  const acts = el("div", { class: "acts" }, thread.reader && bellButton(thread, panel), ...followButtons(thread));
  return [acts, panel];
}

function bellButton(thread, panel) {
  const { unread } = thread.reader.own;
  const number = unread ? el("b", { class: "number" }, formatted(unread)) : null;
  const open = button([], () => thread.guarded(panel, async () => {
    panel.hidden = !panel.hidden;
    open.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    const found = await thread.api.act("GET", "/api/v1/notifications");
    const [newest] = found.notifications;
    panel.replaceChildren(...toldItems(found));
    panel.querySelector("a").focus();
    if (newest) await thread.markRead({ up_to: newest.id });
    number?.remove();
    open.setAttribute("aria-label", say("bell"));
  }), { class: "act", "aria-expanded": "false", "aria-label": unread ? sayNumber("bell_new", unread) : say("bell") });
  open.append(say("bell"), ...(number ? [number] : []));
  return open;
}

function toldItems(found) {
  const rows = [...found.notifications, ...found.followed].map((each) => el(
    "li",
    { class: each.read ? "" : "new" },
    el("a", { href: each.url, target: "_blank", dir: "auto" }, each.sentence),
    each.created_at && timeOf(each.created_at),
  ));
  return [
    rows.length ? el("ul", {}, ...rows) : el("p", { class: "quiet" }, say("bell_empty")),
    el("p", {}, el("a", { href: address("/notifications"), target: "_blank" }, say("bell_all"))),
  ];
}

function followButtons(thread) {
  if (!thread.story) return [];
  const state = thread.reader?.own.follow;
  const act = (words, wanted, title) => {
    const made = button(words, () => thread.forReader(made, () => thread.follow(wanted), "own"), { class: "act", title });
    return made;
  };
  if (state === "followed") return [act(say("follow_no_more"), null)];
  if (state === "muted") return [act(say("hear_again"), null)];
  const mute = thread.reader && act(say("mute_story"), "muted", say("mute_story_why"));
  return [act(say("follow"), "followed", say("follow_why")), mute];
}

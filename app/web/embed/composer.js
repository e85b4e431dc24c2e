// Where one writes a comment on the story, or learns why one may not and what would change that.

// `typed`: what stood here when the story was closed, to be read and copied.
function composer(thread, typed) {
  const place = el("section", { class: "composer", part: "composer", "aria-label": say("join") });
  const { message } = thread.story || {};
  if (message) place.append(el("p", { class: "notice message", dir: "auto" }, message));
  place.append(...(thread.closed ? closedStory(thread.story, typed) : inside(thread)));
  return place;
}

function closedStory(story, typed) {
  const again = story.changes_at && say("closed_until", { time: EXACT.format(new Date(story.changes_at)) });
  const kept = typed && el("textarea", { readonly: true, "aria-label": say("your_comment") }, typed);
  return [el("h2", {}, say("closed")), el("p", {}, again || say("closed_why")), kept].filter(Boolean);
}

function inside(thread) {
  const me = thread.reader?.me;
  if (!me) return gate(thread, say("anybody"), signInButtons(thread));
  if (!me.may_write) return gate(thread, sentenceOf(me), [stepButton(thread, me)]);
  return [
    textForm(thread, {
      label: say("join"),
      send: say("post"),
      hint: say(thread.story?.state === "premoderated" ? "hint_premoderated" : "hint", { name: me.name }),
      draft: "story",
      post: (said) => thread.post(said, null),
      done: () => {},
    }),
    me.neutral_name && button(say("choose_name"), () => thread.step("/account#name"), { class: "act" }),
  ].filter(Boolean);
}

// Why not, and of a suspension until when.
function sentenceOf(me) {
  if (me.code !== "suspended" || !me.valid_until) return me.sentence;
  return `${me.sentence} ${say("until_suspended", { time: EXACT.format(new Date(me.valid_until)) })}`;
}

function gate(thread, sentence, steps) {
  return [el("h2", {}, say("join")), el("p", {}, sentence), el("p", { class: "send" }, ...steps.filter(Boolean))];
}

function signInButtons(thread) {
  const act = button(say("sign_in"), () => thread.signIn(act));
  return [act, el("a", { class: "quiet", href: address("/sign-up"), target: "_blank" }, say("sign_up"))];
}

const PAGES = {
  verify: ["step_verify", "/account"],
  accept: ["step_accept", "/rules"],
  acknowledge: ["step_acknowledge", "/account"],
  account: ["step_account", "/account"],
  name: ["step_name", "/account#name"],
  subscribe: ["step_subscribe", "/subscription"],
  pay: ["step_pay", "/subscription"],
  resume: ["step_resume", "/subscription"],
  manage: ["step_manage", "/subscription"],
  write: ["step_write", "/subscription"],
};

function stepButton(thread, me) {
  const [key, path] = PAGES[me.step] || [];
  if (!key) return null;
  return button(say(key), () => thread.step(path));
}

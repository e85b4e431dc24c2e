// The comments of one story: what everyone sees, and on top of it what is its reader's own.

const WAIT_FOR_READER_MILLISECONDS = 400;
// who comes for one comment may find that it is their own, which waits
const WAIT_FOR_AUTHOR_MILLISECONDS = 2000;
const POLL_SECONDS = 30;
const POLL_IDLE_SECONDS = 180;
const IDLE_AFTER_SECONDS = 300;
const NAMES_OFFERED = 5;
const SORTS = ["newest", "oldest", "respected", "discussed", "common_ground", "picked"];
// those that are offered where there are any
const COUNTED = { common_ground: "common_ground_count", picked: "pick_count" };
// so many are laid out before the browser may answer the reader again
const AT_ONCE = 8;

// What of its reader the page shows. That a subscription has been renewed is no reason to clear away what is being typed.
function asShown(found) {
  return JSON.stringify(found && ["id", "name", "may_write", "code", "step", "sentence"].map((part) => found.me[part]));
}

// all conversations of this page
const standing = new Set();

class Thread {
  respects = new Set();
  disagreements = new Set();
  reports = new Set();
  mutes = new Set();
  names = new Set();
  reader = null;
  story = null;
  house = { rules: [], comment_characters: 0, note_characters: 0, edit_minutes: 0, reaction_days: 0 };
  sort = "newest";
  // the comment that is read in its conversation; null: all comments are read
  at = named();
  #called = this.at;
  #beginning = null;
  #pages = [];
  #shown = 0;
  // the youngest comment by then: of what is younger no removed one takes anything away
  #newest = null;
  #timers = [];
  #ended = new AbortController();
  #asked = 0;
  #composedFor = null;
  #begun = new Map();
  #asking = null;
  #layingOut = Promise.resolve();
  #told = new WeakSet();
  #lastSign = Date.now();

  constructor(element, root, paper) {
    this.element = element;
    this.root = root;
    this.api = new Api(element.getAttribute("site"), element.getAttribute("story"), paper);
    standing.add(this);
    this.writing = el("div", { class: "writing" });
    this.bar = el("div", { class: "bar", part: "bar" });
    this.head = el("header", { class: "order" });
    this.fresh = el("div", { class: "fresh", role: "status" });
    this.own = el("ol", { class: "thread own", "aria-label": say("own") });
    this.list = el("ol", { class: "thread", "aria-label": say("comments") });
    this.foot = el("div", { class: "foot" });
    root.append(el("div", { class: "all", part: "all", dir: DIRECTION }, this.writing, this.bar, this.head, this.fresh, this.own, this.list, this.foot));
  }

  get closed() {
    return Boolean(this.story) && !this.story.open;
  }

  // Both are asked for at once. The comments wait a moment for their reader, so that nothing moves when that answer comes.
  async start() {
    const asked = this.api.session().catch(() => null);
    const wait = this.at ? WAIT_FOR_AUTHOR_MILLISECONDS : WAIT_FOR_READER_MILLISECONDS;
    const early = Promise.race([asked, new Promise((late) => setTimeout(late, wait))]);
    await this.#load(undefined, early);
    if (this.#ended.signal.aborted) return;
    this.#follow();
    if (this.#pages.length) this.#tell("ready", { count: this.#shown });
    const reader = await asked;
    if (reader !== this.reader) await this.#meet(reader);
    await this.seen();
  }

  stop() {
    standing.delete(this);
    this.#timers.forEach(clearInterval);
    this.#ended.abort();
  }

  // reading

  #first() {
    return [`${this.api.storyPath}/comments`, { sort: this.sort }];
  }

  // What was asked for last counts, in whatever order the answers come.
  async #load(asked = this.api.readAnew(...this.#first()), early = null) {
    const turn = (this.#asked += 1);
    try {
      const [found, around, reader] = await Promise.all([asked, this.#around(this.at), early]);
      await this.#layOut(async () => {
        if (turn !== this.#asked) return;
        if (reader) this.#know(reader);
        this.story = found.story;
        this.house = found.house;
        this.#count(found.story?.comment_count || 0);
        this.#newest = found.newest;
        this.fresh.replaceChildren();
        const here = around && around.comment.story_id === found.story?.id;
        if (this.at && !here) this.#lose();
        this.own.hidden = Boolean(here);
        if (here) this.#beginning = around.conversation[0].id;
        this.#order();
        this.bar.replaceChildren(...bellBar(this));
        this.#compose();
        this.#pages = [];
        await this.#show(here ? { comments: around.conversation } : found);
        this.#arrive();
      });
    } catch (problem) {
      if (turn !== this.#asked) return;
      this.foot.parentNode.classList.add("failed");
      this.foot.replaceChildren(
        el("p", { class: "notice bad", role: "alert" }, problem.message),
        el("p", { class: "send" }, button(say("again"), () => this.#load(), { class: "quiet" })),
      );
    }
  }

  // one comment, in its conversation

  turnTo(id) {
    if (id === this.at) return undefined;
    this.at = this.#called = id;
    return this.#load();
  }

  // The conversation around a comment, as far as it can be read.
  async #around(id) {
    if (!id) return null;
    try {
      return await this.api.readAnew(`/api/v1/comments/${id}`);
    } catch (problem) {
      if (problem.status === 404) return null;
      throw problem;
    }
  }

  // What the page's address names is not to be read here. Beside another element it may stand there.
  #lose() {
    this.at = null;
    const waits = this.reader?.own.waiting.some((each) => each.id === this.#called);
    if (waits || standing.size > 1) return;
    this.fresh.replaceChildren(el("p", { class: "notice", tabindex: "-1" }, say("lost")));
  }

  // Whoever was called to a comment is led to it, once: or to the sentence that says why not. That is after the frame in
  // which it came to stand, so that what stands below the comments has moved out of sight.
  async #arrive() {
    const id = this.#called;
    this.#called = null;
    if (!id) return;
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    const found = this.#articleOf(id) || this.fresh.firstChild;
    found?.focus({ preventScroll: true });
    found?.scrollIntoView({ block: found.offsetHeight < innerHeight ? "center" : "start" });
  }

  // All comments, in this order, as the page's address says from now on, too.
  async #all(sort = this.sort, reader = null) {
    if (this.at) forgetNamed();
    this.at = null;
    this.sort = sort;
    await this.#load(undefined, reader);
    await this.seen();
  }

  // One after the other: laying out takes several frames, and two at once would mix.
  #layOut(act) {
    const done = this.#layingOut.then(act);
    this.#layingOut = done.catch(() => null);
    return done;
  }

  // What has come already, for another reader or another state of theirs.
  #layAgain() {
    return this.#layOut(async () => {
      for (const page of this.#pages.splice(0)) await this.#show(page);
    });
  }

  // The place to write in as this story and this reader have it; what is being typed is left alone if that changes nothing.
  #compose() {
    const { state, open, message } = this.story || {};
    const key = JSON.stringify([asShown(this.reader), state, open, message]);
    if (this.#composedFor === key) return;
    this.#composedFor = key;
    const typing = this.writing.contains(this.root.activeElement);
    this.writing.replaceChildren(composer(this, this.writing.querySelector("textarea")?.value));
    if (typing) this.writing.querySelector("textarea")?.focus();
  }

  async #show(found) {
    const focused = this.root.activeElement;
    if (!this.#pages.length) {
      for (const form of this.list.querySelectorAll(".place form")) {
        const acts = form.closest(".below-text");
        this.#begun.set(acts.dataset.acts, acts);
      }
      this.list.replaceChildren();
      this.own.replaceChildren(...(this.reader?.own.waiting || []).map((each) => this.#waiting(each)));
    }
    this.#pages.push(found);
    for (let first = 0; first < found.comments.length; first += AT_ONCE) {
      if (first) await new Promise(requestAnimationFrame);
      const next = this.unseen(found.comments.slice(first, first + AT_ONCE));
      this.list.append(...next.map((comment) => this.#item(comment)));
    }
    for (const item of [...this.own.children]) this.#below(item.dataset.parent, item);
    if (!this.root.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
    this.foot.parentNode.classList.remove("failed");
    this.foot.replaceChildren();
    if (!this.list.children.length && !this.own.children.length) {
      this.foot.append(el("p", { class: "quiet" }, say(this.sort === "picked" ? "no_picks" : "nobody_yet")));
    }
    if (found.next) this.foot.append(this.#moreButton(found.next));
    if (this.list.children.length >= AT_ONCE && !this.closed) this.foot.append(this.#wayUp());
  }

  #wayUp() {
    return button(say("write"), () => {
      this.writing.scrollIntoView({ block: "center" });
      this.writing.querySelector("textarea, button")?.focus({ preventScroll: true });
    }, { class: "act more" });
  }

  // The form below a comment that somebody has begun to fill in, to go on below it wherever it stands next; not for others.
  begun(id) {
    const acts = this.#begun.get(id);
    this.#begun.delete(id);
    return (!this.reader || acts?.dataset.by === this.reader.me.id) && acts;
  }

  #item(comment) {
    return commentItem(comment, this, { unfolded: this.at !== null });
  }

  // Those that do not stand here yet: what the reader has just written comes again with what follows.
  unseen(comments) {
    return comments.filter((comment) => !this.root.getElementById(`c${comment.id}`));
  }

  #moreButton(cursor) {
    const more = button(say("more"), async () => {
      more.disabled = true;
      const turn = this.#asked;
      await this.guarded(more, async () => {
        const last = this.list.lastElementChild;
        const found = await this.api.read(`${this.api.storyPath}/comments`, { sort: this.sort, cursor });
        await this.#layOut(async () => turn === this.#asked && this.#show(found));
        last?.nextElementSibling?.querySelector("article").focus({ preventScroll: true });
        this.seen();
      });
      more.disabled = false;
    }, { class: "wide", part: "more" });
    return more;
  }

  #order() {
    const focused = this.head.contains(this.root.activeElement);
    if (this.at) return this.#wayBack();
    const chosen = (sort) => () => this.#all(sort);
    const sorts = SORTS.filter((sort) => !COUNTED[sort] || sort === this.sort || this.story?.[COUNTED[sort]]);
    const buttons = sorts.map((sort) => button(say(`sort_${sort}`), chosen(sort), { class: "act", "aria-pressed": String(sort === this.sort) }));
    const title = this.#shown ? sayNumber("number", this.#shown) : say("comments");
    this.head.replaceChildren(el("h2", {}, title), el("div", { class: "sorts", role: "group", "aria-label": say("order") }, ...buttons));
    if (this.#shown) this.head.append(el("p", { class: "quiet" }, say("respect_means")));
    if (this.sort === "common_ground") this.head.append(el("p", { class: "quiet" }, say("common_ground_first")));
    if (focused) buttons[sorts.indexOf(this.sort)].focus();
    return undefined;
  }

  #wayBack() {
    const whole = this.at !== this.#beginning && el("a", { class: "act more", href: permalink(this.#beginning) }, say("from_its_beginning"));
    const back = button(sayNumber("all", this.#shown), () => this.#all(), { class: "act more" });
    this.head.replaceChildren(el("h2", {}, say("conversation")), el("div", { class: "sorts" }, whole, back));
  }

  #count(number) {
    this.#shown = number;
    showCounts(this.api.site, { [this.api.story]: number });
    this.#tell("count", { count: number });
  }

  // what came in meanwhile is offered, and moves nothing by itself

  #follow() {
    const { signal } = this.#ended;
    let waited = 0;
    const every = (seconds, act) => this.#timers.push(setInterval(act, seconds * 1000));
    every(60, () => tick(this.root));
    every(5, () => this.root.querySelectorAll("[data-until]").forEach(countDown));
    every(POLL_SECONDS, () => {
      this.api.keep().then((found) => this.#hear(found)).catch(() => null);
      if (!document.hidden && new Date(this.story?.changes_at ?? NaN) < new Date()) this.#turn();
      waited += POLL_SECONDS;
      const idle = Date.now() - this.#lastSign > IDLE_AFTER_SECONDS * 1000;
      if (document.hidden || waited < (idle ? POLL_IDLE_SECONDS : POLL_SECONDS)) return;
      waited = 0;
      this.poll();
    });
    for (const sign of ["pointerdown", "keydown", "scroll"]) {
      this.element.ownerDocument.addEventListener(sign, () => (this.#lastSign = Date.now()), { passive: true, capture: true, signal });
    }
    addEventListener("focus", this.#returned, { signal });
    document.addEventListener("visibilitychange", this.#returned, { signal });
  }

  // An hour has come at which the story opens or closes by itself: all that stands here stays, but for what can be done.
  async #turn() {
    const found = await this.api.readAnew(...this.#first()).catch(() => null);
    const { open } = this.story;
    this.story = found?.story || this.story;
    if (open === this.story.open) return;
    this.#compose();
    await this.#layAgain();
  }

  async poll() {
    const { story } = this.api;
    const found = await this.api.readAnew("/api/v1/counts", { key: story, since: this.#newest }).catch(() => null);
    if (!found) return;
    // one that has waited is as old as when it was written, and counts all the same
    const number = Math.max(found.counts[story] - this.#shown, found.new?.[story] || 0);
    if (number <= 0) return this.fresh.querySelector("button")?.remove();
    this.fresh.replaceChildren(button(sayNumber("fresh", number), async () => {
      await this.#all("newest", this.api.session().catch(() => null));
      this.list.querySelector("article")?.focus();
    }, { class: "wide", part: "fresh" }));
    return undefined;
  }

  // A reader who signed in, subscribed or signed out on a page of ours comes back to this one.
  #returned = async () => {
    if (document.hidden || isWindowOpen() || this.root.activeElement?.matches("textarea")) return;
    await this.askWho();
  };

  // Once at a time: who comes back to a tab comes back to its window, too.
  askWho() {
    this.#asking ||= this.#whoReads().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #whoReads() {
    const found = await this.api.session().catch(() => this.reader);
    if (!this.#hear(found)) await this.#meet(found);
  }

  // What the same reader has been told since, for the bell, unless they are at it; false if it is somebody else.
  #hear(found) {
    if (asShown(found) !== asShown(this.reader)) return false;
    if (found && found.own.unread !== this.reader.own.unread && this.bar.querySelector(".told[hidden]") && !this.bar.contains(this.root.activeElement)) {
      this.reader.own.unread = found.own.unread;
      this.bar.replaceChildren(...bellBar(this));
    }
    return true;
  }

  // The page has something to say of its reader: whoever was asked for before counts no more.
  async hearOfReader(paper) {
    this.api.paper = paper;
    await this.#asking?.catch(() => null);
    await this.askWho();
  }

  // How things stand now, with the reader and with the story, after something was refused that this page offered.
  async #lookAgain() {
    await this.askWho();
    await this.#load();
  }

  // its reader

  #know(found) {
    const id = found?.me.id || null;
    // what somebody has typed is not there for the next
    if (id !== this.api.reader) this.writing.replaceChildren();
    this.reader = found;
    this.api.reader = id;
    this.respects = new Set(found?.own.respects);
    this.disagreements = new Set(found?.own.disagreements);
    this.reports = new Set(found?.own.reports);
    this.mutes = new Set(found?.own.mutes);
  }

  // Another reader, or another state of theirs, while the comments stand already.
  async #meet(found) {
    this.#know(found);
    if (!this.#pages.length) return; // nothing has come yet, or it failed: with the comments comes the place to write, too
    this.bar.replaceChildren(...bellBar(this));
    this.root.querySelectorAll(".said > *, .window").forEach((each) => each.remove());
    this.#compose();
    await this.#layAgain();
  }

  // What stands open before them is not new any more; of picks nobody is told that there are more.
  async seen() {
    if (!this.reader?.own.news || this.sort === "picked") return;
    const shown = [...this.list.querySelectorAll("article")].filter((each) => each.offsetParent && !this.#told.has(each));
    shown.forEach((each) => this.#told.add(each));
    const comments = shown.map((each) => each.id.slice(1));
    if (comments.length) await this.markRead({ story: this.api.story, comments }).catch(() => null);
  }

  // What its reader has seen is not new to them any more; the bar keeps what it said until they look at it.
  async markRead(seen) {
    const { unread } = await this.api.act("POST", "/api/v1/notifications/read", seen);
    this.reader.own.unread = unread;
    this.reader.own.news &&= unread > 0;
  }

  // Be told of every comment here ("followed"), of no answer ("muted"), or as usual (null).
  async follow(wanted) {
    await this.api.act(wanted ? "PUT" : "DELETE", `/api/v1/follows/${this.api.storyKey}`, wanted && { state: wanted });
    this.reader.own.follow = wanted;
    this.bar.replaceChildren(...bellBar(this));
    this.bar.querySelector("button:last-of-type").focus();
  }

  // Fold what somebody writes, or no more: for this reader alone, and at once wherever it stands.
  async mute(author, wanted) {
    await this.api.act(wanted ? "PUT" : "DELETE", `/api/v1/accounts/${author.id}/mute`);
    this.mutes[wanted ? "add" : "delete"](author.id);
    await this.#layAgain();
    this.head.querySelector("h2").setAttribute("tabindex", "-1");
    this.head.querySelector("h2").focus();
  }

  // A few of those who have written here, by how their names begin; nobody while none is being written (null).
  namesLike(typed) {
    const begins = (name) => name !== this.reader?.me.name && name.toLowerCase().startsWith(typed.toLowerCase());
    return typed === null ? [] : [...this.names].filter(begins).slice(0, NAMES_OFFERED);
  }

  wrote(comment) {
    return this.reader !== null && comment.author?.id === this.reader.me.id;
  }

  // Until when its author can change a comment; 0: not at all.
  editableUntil(comment) {
    const may = this.reader.me.may_write && comment.state === "published";
    return may ? new Date(comment.created_at).getTime() + this.house.edit_minutes * 60000 : 0;
  }

  takesReactions(comment) {
    return Date.now() < new Date(comment.created_at).getTime() + this.house.reaction_days * 86400000;
  }

  // Do what takes a reader, or say who may: "write" takes all that writing does, "report" good standing alone.
  async forReader(act, what, needs = "write") {
    const me = this.reader?.me;
    if (!me) return this.signIn(act);
    const refused = { write: !me.may_write, report: ["verify", "acknowledge", "account"].includes(me.step), own: false }[needs];
    return refused ? this.#explain(act, me) : this.guarded(act, what);
  }

  #explain(act, me) {
    const place = this.#beside(act);
    place.replaceChildren(el("div", { class: "said", role: "status", tabindex: "-1" }, el("p", {}, sentenceOf(me)), stepButton(this, me)));
    place.firstChild.focus();
  }

  // Do something that may be refused; the refusal stands beside `act`.
  async guarded(act, what) {
    this.#beside(act).replaceChildren();
    try {
      await what();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#beside(act).replaceChildren(el("div", { class: "said", role: "alert" }, ...sentences(problem, this)));
    }
  }

  // Where it is said what became of a button's act: what is being typed in the form below, and other buttons, stay.
  #beside(act) {
    const found = act.closest(".below-text")?.querySelector(".beside");
    if (found) return found;
    if (!act.nextElementSibling?.matches(".beside")) act.after(el("div", { class: "beside" }));
    return act.nextElementSibling;
  }

  stepFor(problem) {
    if (problem.code === "another_reader") return el("p", { class: "send" }, this.#goOnAs(this.api.latest));
    if (problem.status === 401) return el("p", { class: "send" }, ...signInButtons(this));
    if (problem.status !== 402 && problem.status !== 403) return null;
    return el("p", { class: "send" }, button(say("see_why"), () => this.#lookAgain(), { class: "quiet" }));
  }

  #goOnAs(found) {
    return button(say("go_on_as", { name: found.me.name }), () => {
      const typed = this.writing.querySelector("textarea")?.value;
      for (const acts of this.list.querySelectorAll("[data-by]")) acts.dataset.by = found.me.id;
      this.#meet(found);
      const area = this.writing.querySelector("textarea");
      if (!typed || !area || area.value) return;
      area.value = typed;
      area.dispatchEvent(new Event("input"));
    }, { class: "quiet" });
  }

  signIn(act) {
    if (!this.#tell("needs-sign-in", {})) return;
    openWindow(this.api, (found) => this.#meet(found), (why) => {
      const place = act.closest(".below-text") ? this.#beside(act) : this.writing.querySelector(".composer");
      place.querySelector(".window")?.remove();
      place.append(el("p", { class: "window notice", role: "status" }, say(why), why === "window_parted" && this.#ownPage()));
      this.#returned();
    });
  }

  // Where one can write without us; there is none before the first comment.
  #ownPage() {
    return this.story && el("a", { href: address(`/stories/${this.story.id}`), target: "_blank" }, ` ${say("own_page")}`);
  }

  step(path) {
    if (path === "/subscription" && !this.#tell("needs-subscription", { code: this.reader.me.code, url: address(path) })) return;
    open(address(path, { next: this.story && `/stories/${this.story.id}` }), "_blank");
  }

  // writing

  async post(said, parent, naming = this.#naming()) {
    const body = { ...said, parent: parent?.id || null, ...naming };
    let written;
    try {
      written = await this.api.act("POST", `${this.api.storyPath}/comments`, body);
    } catch (problem) {
      // it stands there already, and only the answer was lost; below another it would be another
      const isThis = problem.code === "repeated" && (problem.body.parent || null) === body.parent;
      if (isThis && await this.#again(problem.body.comment)) return undefined;
      if (problem.code !== "url_not_allowed" || naming.url === ownAddress()) throw problem;
      // what comes from an agency has its address elsewhere: here it is discussed where it stands
      return this.post(said, parent, { url: ownAddress() });
    }
    this.#tell("posted", { id: written.id, state: written.state });
    return this.#stand(written, parent);
  }

  // Where the story is, and what the paper calls it: title and signature say nothing without each other.
  #naming() {
    const { element } = this;
    const given = element.getAttribute("url");
    const said = given && !/^https?:/i.test(given) ? el("a", { href: given }).href : given;
    const url = said || document.querySelector('link[rel="canonical"]')?.href || ownAddress();
    const [title, signature] = [element.headline, element.getAttribute("signature")];
    return title && signature ? { url, title, signature } : { url };
  }

  async edit(comment, said) {
    const written = await this.api.act("PATCH", `/api/v1/comments/${comment.id}`, said);
    const stands = this.root.getElementById(`c${comment.id}`)?.parentNode;
    this.root.querySelector(`[data-acts="${comment.id}"] form`)?.remove();
    if (written.state !== "published" || !stands) return this.#again(comment.id);
    if (written.revision !== comment.revision) this.#unpicked(comment);
    Object.assign(comment, { tree: written.tree, revision: written.revision, edited_at: written.edited_at });
    const item = commentItem(comment, this, { unfolded: stands.parentNode !== this.list || this.at !== null });
    stands.replaceWith(item);
    item.firstChild.focus();
    return undefined;
  }

  // It was another text that editors put forward.
  #unpicked(comment) {
    comment.picked = false;
    if (this.story.pinned === comment.id) this.story.pinned = null;
  }

  async takeBack(comment) {
    await this.api.act("DELETE", `/api/v1/comments/${comment.id}`);
    await this.#again(comment.id);
  }

  // How things stand now; and whether that comment of its reader's is among them.
  async #again(id) {
    this.#know(await this.api.session().catch(() => this.reader));
    await this.#load();
    const found = this.#articleOf(id);
    (found || this.head.querySelector("[aria-pressed=true]"))?.focus();
    return Boolean(found);
  }

  // What was written stands where it belongs at once, also while nobody else sees it.
  async #stand(written, parent) {
    const published = written.state === "published";
    const shown = this.#asShown(written);
    const item = published ? commentItem(shown, this) : this.#waiting(written);
    const below = parent && this.#below(parent.id, item);
    if (published) {
      // what it answers may have gone from the page while it was under way
      if (parent && !below) return this.#load();
      if (parent) parent.replies.push(shown);
      else {
        this.#pages[0]?.comments.unshift(shown);
        this.list.prepend(item);
      }
      this.#count(this.#shown + 1);
      this.#newest = written.id;
    } else {
      this.reader?.own.waiting.unshift(written);
      if (!below) {
        this.own.hidden = false;
        this.own.prepend(item);
      }
    }
    this.#order();
    this.foot.querySelector(".quiet")?.remove();
    const article = item.querySelector("article");
    article.classList.add("new");
    article.focus();
    article.scrollIntoView({ block: "nearest" });
    return undefined;
  }

  // A comment that is read here, or that waits and is its reader's own.
  #articleOf(id) {
    return this.root.getElementById(`c${id}`) || this.root.getElementById(`w${id}`);
  }

  // Put an item below the comment that it answers, and unfold what stands there; false if that is not on the page.
  #below(id, item) {
    const place = this.root.getElementById(`c${id}`)?.querySelector(".inside");
    if (!place) return false;
    let list = place.querySelector(":scope > .below > .replies, :scope > div > .below > .replies");
    if (!list) {
      list = el("ol", { class: "replies" });
      place.append(el("div", { class: "below" }, list));
    }
    if (list.parentNode.hidden) list.parentNode.previousElementSibling.click();
    list.append(item);
    return true;
  }

  #asShown(written) {
    return { ...written, respects: 0, picked: false, replies: [], more: null, in_reply_to: null, rule: null, conversation_count: 0 };
  }

  #waiting(comment) {
    const answered = comment.parent_id && el("a", { href: permalink(comment.parent_id) }, say("in_reply_to_this"));
    return el("li", { class: "item", "data-parent": comment.parent_id }, el(
      "article",
      { id: `w${comment.id}`, class: "comment mine", tabindex: "-1", "aria-label": say("your_comment") },
      el("header", { class: "by" }, el("h3", {}, say("your_comment")), el("span", { class: "tag warn" }, say("only_you")), el("span", { class: "quiet" }, timeOf(comment.created_at))),
      answered && el("p", { class: "answers quiet" }, answered),
      el("p", { class: "why" }, comment.sentence),
      textOf(comment.tree),
      comment.state === "held"
        ? button(say("delete"), (event) => this.guarded(event.currentTarget, () => this.takeBack(comment)), { class: "act" })
        : button(say("step_account"), () => this.step("/account"), { class: "act" }),
    ));
  }

  // Tell the page; false if it has taken the matter into its own hands.
  #tell(name, detail) {
    if (this.#ended.signal.aborted) return true;
    return this.element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }
}

// Forms: a text to write, and a report to make. Whatever is refused says why beside the field, and keeps what was typed.

function textForm(thread, { label, send, text = "", hint = "", draft, quoted = null, cancel = null, post, done }) {
  const id = freshId();
  const kept = new Draft(thread, draft);
  const area = el("textarea", { id, name: "text", dir: "auto", required: true, "aria-describedby": `${id}-hint ${id}-said` });
  area.value = kept.read() || text;
  const names = el("div", { class: "acts names", role: "status" });
  const left = el("span", { class: "left" });
  const said = el("div", { id: `${id}-said`, class: "said", role: "alert" });
  const shown = el("div", { class: "preview", role: "status" });
  const submit = el("button", { type: "submit" }, send);
  const asItIs = button(say("post_as_it_is"), () => sendText(true), { class: "quiet", hidden: true });
  // what was refused when its author was asked to put it differently
  let nudged = null;
  const form = el(
    "form",
    { class: "write", part: "form", novalidate: true },
    el("label", { for: id }, label),
    area,
    names,
    el("p", { id: `${id}-hint`, class: "hint" }, hint || say("formatting"), " ", say("mention"), " ", left),
    shown,
    said,
    el(
      "p",
      { class: "send" },
      submit,
      asItIs,
      button(say("preview"), preview, { class: "quiet" }),
      quoted && button(say("quote"), () => insert(quoteOf(quoted.closest("article"), thread.root)), { class: "quiet" }),
      cancel && button(say("cancel"), () => {
        if (text) kept.forget(area.value);
        cancel();
      }, { class: "quiet" }),
    ),
  );
  const most = thread.house.comment_characters;
  const count = () => {
    const over = [...area.value].length - most;
    left.textContent = over > -most / 5 ? sayNumber(over > 0 ? "too_many" : "left", Math.abs(over)) : "";
    left.classList.toggle("over", over > 0);
    area.setAttribute("aria-invalid", String(over > 0));
  };
  area.addEventListener("input", () => {
    changed();
  });
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    // what would have no draft then is not thrown away by one key
    if (event.key === "Escape" && cancel && (!text || area.value === text)) cancel();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendText(false);
  });

  function changed() {
    shown.replaceChildren();
    const typed = mentioned(area);
    names.replaceChildren(...thread.namesLike(typed).map((name) => button(`@${name}`, () => insert(`${name} `, typed.length), { class: "act more" })));
    count();
    kept.write(area.value === text ? "" : area.value);
  }

  function insert(words, instead = 0) {
    area.setRangeText(words, area.selectionStart - instead, area.selectionEnd, "end");
    changed();
    area.focus();
  }

  async function preview() {
    if (!area.value.trim()) return area.focus();
    const asked = area.value;
    try {
      const found = await thread.api.act("POST", "/api/v1/preview", { text: asked });
      if (area.value === asked) shown.replaceChildren(textOf(found.tree));
    } catch (problem) {
      said.replaceChildren(...sentences(problem, thread, true));
    }
  }

  async function sendText(confirm) {
    if (!area.value.trim() || submit.disabled) return area.focus();
    if (!confirm && area.value.trim() === nudged?.text) return said.replaceChildren(...nudge(nudged.problem, say("unchanged")));
    submit.disabled = true;
    said.replaceChildren();
    try {
      await post({ text: area.value, confirm, nudged: nudged?.problem.body.nudged || "" });
      kept.forget(area.value);
      area.value = "";
      shown.replaceChildren();
      offer(null);
      count();
      done();
    } catch (problem) {
      if (problem.code === "nudge") offer({ text: area.value.trim(), problem });
      said.replaceChildren(...(problem.code === "nudge" ? nudge(problem) : sentences(problem, thread, true)));
    }
    submit.disabled = false;
  }

  // Whoever was asked to put it differently has two ways to send it.
  function offer(refused) {
    nudged = refused;
    submit.textContent = refused ? say("post_changed") : send;
    asItIs.hidden = !refused;
  }

  function nudge(problem, before = null) {
    const rule = thread.house.rules.find((each) => each.id === problem.body.rule);
    return [el(
      "p",
      { class: "notice warn" },
      before && el("b", {}, `${before} `),
      problem.message,
      rule && el("strong", {}, ` ${rule.title}.`),
      rule && ` ${rule.text}`,
    )];
  }

  count();
  return form;
}

// What stands between "@" and the caret; null: no name is being written.
function mentioned(area) {
  const [, typed = null] = /(?:^|[^\w@./])@(\S{0,40})$/.exec(area.value.slice(0, area.selectionStart)) || [];
  return typed;
}

// What of a comment is selected, or all of it, as a quote to answer below.
function quoteOf(article, root) {
  const all = article.querySelector(".words");
  const selected = root.getSelection ? root.getSelection() : getSelection();
  const within = selected?.rangeCount && all.contains(selected.anchorNode) ? selected.toString() : "";
  const lines = (within.trim() || all.innerText.trim()).split("\n");
  return `${lines.map((line) => `> ${line}`.trimEnd()).join("\n")}\n\n`;
}

function sentences(problem, thread, typed = false) {
  // on a slow story the sentence says it already
  const wait = problem.code !== "slow_mode" && problem.body?.retry_after;
  const kept = typed && problem.code === "unreachable";
  return [
    el("p", { class: "notice bad" }, problem.message || say("unreachable"), kept && ` ${say("kept")}`, wait && ` ${sayNumber("again_in", wait)}`),
    thread.stepFor(problem),
  ].filter(Boolean);
}

function reportForm(thread, comment, cancel, done) {
  const id = freshId();
  const said = el("div", { class: "said", role: "alert" });
  const choices = thread.house.rules.map((rule) => el(
    "label",
    { class: "choice" },
    el("input", { type: "radio", name: "rule", value: rule.id, required: true }),
    el("span", {}, el("b", {}, rule.title), el("small", {}, rule.text)),
  ));
  const form = el(
    "form",
    { class: "report", part: "form" },
    el("fieldset", {}, el("legend", {}, say("which_rule")), ...choices),
    el("label", { for: id }, say("note")),
    el("textarea", { id, name: "note", rows: 2, dir: "auto", maxlength: thread.house.note_characters }),
    el("p", { class: "hint" }, say("report_hint"), " ",
      el("a", { href: address(`/comments/${comment.id}/notice`), target: "_blank" }, say("legal_notice"))),
    said,
    el("p", { class: "send" }, el("button", { type: "submit" }, say("report")), button(say("cancel"), cancel, { class: "quiet" })),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const body = { rule: given.get("rule"), note: given.get("note") || null, revision: comment.revision };
    try {
      await thread.api.act("PUT", `/api/v1/comments/${comment.id}/report`, body);
      done();
    } catch (problem) {
      said.replaceChildren(...sentences(problem, thread, true));
    }
  });
  return form;
}

// What was typed and not sent, in this browser alone, for who reads here now.
class Draft {
  constructor(thread, place) {
    this.thread = thread;
    this.place = place;
  }

  get name() {
    const { api, reader } = this.thread;
    return `btl-draft:${api.site || ""}:${api.story}:${this.place}:${reader.me.id}`;
  }

  read() {
    return this.#safely(() => localStorage.getItem(this.name));
  }

  write(text) {
    this.#safely(() => (text ? localStorage.setItem(this.name, text) : localStorage.removeItem(this.name)));
  }

  // That text is done with; another may be on its way in another tab.
  forget(text) {
    if (this.read() === text) this.write("");
  }

  // A page may have no storage, or a full one, and nobody may be signed in any more.
  #safely(act) {
    try {
      return act();
    } catch {
      return null;
    }
  }
}

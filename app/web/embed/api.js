// What the element asks of us. What everyone shares is asked without credentials; for its reader it holds a token, in
// memory only, which lets it comment at this newspaper for ten minutes.

const RENEW_BEFORE_SECONDS = 90;

// by which we know that a token of the paper comes from this page again
const BROWSER = randomText();

// The last session of our window at each newspaper, for whatever else stands on the page now or later; in memory only.
const byWindow = new Map();

class Problem extends Error {
  constructor(status, body) {
    super(body.detail);
    this.status = status;
    this.code = body.code;
    this.body = body;
  }
}

class Api {
  #token = null;
  #endsAt = 0;
  // the paper's word on its reader: a token, or what gives one when it is asked; undefined where the paper says nothing
  #paper;
  // as whom the page shows its reader (an account's id), and whose the token is: not the same once somebody else signs in
  reader = null;
  latest = null;

  constructor(site, story, paper) {
    this.site = site;
    this.story = story;
    this.#paper = paper;
  }

  get storyKey() {
    return this.story.split("/").map(encodeURIComponent).join("/");
  }

  get storyPath() {
    return `/api/v1/stories/${this.storyKey}`;
  }

  read(path, parameters = {}) {
    return this.#ask(address(path, { site: this.site, ...parameters }), {});
  }

  // The same as it is now: a cache, this browser's too, may answer `read` with what was so a moment ago.
  readAnew(path, parameters = {}) {
    return this.#ask(address(path, { site: this.site, ...parameters }), { cache: "no-cache" });
  }

  set paper(given) {
    this.#paper = given;
    if (given) byWindow.delete(this.site);
  }

  // Who reads this page: null if nobody is signed in, or this page may not know. Where the paper says who, that counts,
  // unless they have signed in by our window since.
  async session() {
    const held = byWindow.get(this.site);
    const goesOn = held && Date.now() < held.endsAt && (!this.#paper || this.#paper === held.paper);
    if (!goesOn && this.#paper !== undefined) {
      const found = await this.#byPaper();
      if (found) return this.take(found);
    }
    const headers = goesOn ? { Authorization: `Bearer ${held.token}` } : {};
    const found = await this.#askSession("session", { headers, credentials: "include" }).catch((problem) => {
      if (problem.status !== 401 || !goesOn) throw problem;
      return { token: null }; // it was ended meanwhile
    });
    return this.take(found, goesOn);
  }

  // Staff sign in with us, whatever the paper says: null.
  async #byPaper() {
    const said = typeof this.#paper === "function" ? await this.#paper() : this.#paper;
    try {
      const token = said && String(said).trim();
      return token ? await this.#askSession("sso", { headers: {} }, { token, browser: BROWSER }) : { token: null };
    } catch (problem) {
      if (problem.code === "staff") return null;
      if (problem.status !== 422) throw problem;
      console.warn(`btl-comments: ${problem.code}: ${problem.message}`);
      return { token: null };
    }
  }

  #askSession(path, asked, said = {}) {
    Object.assign(asked.headers, { "Content-Type": "application/json", "BTL-Embed": "1" });
    const body = JSON.stringify({ ...said, story: this.story, ...(this.site && { site: this.site }) });
    return this.#ask(address(`/api/v1/embed/${path}`), { method: "POST", ...asked, body });
  }

  // A session that we were given, here or by our window: that one is asked for anew by its token, and the conversations
  // beside this one go on by it and end with it.
  take(found, ofWindow = false) {
    this.#token = found.token;
    this.#endsAt = Date.now() + found.expires_in * 1000;
    this.latest = found.token ? found : null;
    if (!ofWindow) return this.latest;
    const before = byWindow.has(this.site);
    if (this.latest) byWindow.set(this.site, { token: this.#token, endsAt: this.#endsAt, paper: this.#paper });
    else byWindow.delete(this.site);
    if (before !== byWindow.has(this.site)) standing.forEach((each) => each.api !== this && each.askWho());
    return this.latest;
  }

  // Asks anew in time; null if it was not yet. Behind another tab that matters to who came by our window alone.
  async keep() {
    if (document.hidden && !byWindow.has(this.site)) return null;
    if (typeof this.#paper === "string") return null; // it cannot be had anew, and says who reads to its end
    return this.#token && Date.now() > this.#endsAt - RENEW_BEFORE_SECONDS * 1000 ? this.session() : null;
  }

  // Something done for the reader. A token that ends, or has been ended, is asked for anew, once.
  async act(method, path, body = null, parameters = {}) {
    await this.keep();
    try {
      return await this.#withToken(method, path, body, parameters);
    } catch (problem) {
      if (problem.status !== 401 || !(await this.session())) throw problem;
      return this.#withToken(method, path, body, parameters);
    }
  }

  async #withToken(method, path, body, parameters) {
    if (this.latest && this.latest.me.id !== this.reader) {
      throw new Problem(401, { code: "another_reader", detail: say("another_reader", { name: this.latest.me.name }) });
    }
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    const asked = { method, headers };
    if (body !== null) {
      headers["Content-Type"] = "application/json";
      asked.body = JSON.stringify(body);
    }
    return this.#ask(address(path, { site: this.site, ...parameters }), asked);
  }

  async #ask(url, asked) {
    let answer;
    try {
      answer = await fetch(url, { credentials: "omit", referrerPolicy: "strict-origin-when-cross-origin", ...asked });
    } catch {
      throw new Problem(0, { code: "unreachable", detail: say("unreachable") });
    }
    if (answer.status === 204) return null;
    const body = await answer.json().catch(() => ({ code: "unreachable", detail: say("unreachable") }));
    if (!answer.ok) throw new Problem(answer.status, body);
    return body;
  }
}

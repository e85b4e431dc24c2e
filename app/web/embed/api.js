// What the element asks of us. What everyone shares is asked without credentials; for its reader it holds a token, in
// memory only, which lets it comment at this newspaper for ten minutes.

const RENEW_BEFORE_SECONDS = 90;

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
  #byWindow = false;
  // as whom the page shows its reader (an account's id), and whose the token is: not the same once somebody else signs in
  reader = null;
  latest = null;

  constructor(site, story) {
    this.site = site;
    this.story = story;
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

  // Who reads this page: null if nobody is signed in, or this page may not know.
  async session() {
    const headers = { "Content-Type": "application/json", "BTL-Embed": "1" };
    if (this.#byWindow && Date.now() < this.#endsAt) headers.Authorization = `Bearer ${this.#token}`;
    const body = JSON.stringify(this.site ? { story: this.story, site: this.site } : { story: this.story });
    return this.take(await this.#ask(address("/api/v1/embed/session"), { method: "POST", credentials: "include", headers, body }));
  }

  // A session that we were given, here or by our window; after that one it is asked for anew by its token.
  take(found, byWindow = this.#byWindow) {
    this.#byWindow = byWindow && Boolean(found.token);
    this.#token = found.token;
    this.#endsAt = Date.now() + found.expires_in * 1000;
    this.latest = found.token ? found : null;
    return this.latest;
  }

  // Asks anew in time. Behind another tab that matters to who came by our window alone.
  async keep() {
    if (document.hidden && !this.#byWindow) return;
    if (this.#token && Date.now() > this.#endsAt - RENEW_BEFORE_SECONDS * 1000) await this.session();
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
    const body = await answer.json().catch(() => ({ code: "unreadable", detail: say("unreachable") }));
    if (!answer.ok) throw new Problem(answer.status, body);
    return body;
  }
}

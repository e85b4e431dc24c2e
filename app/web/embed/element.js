// <btl-comments story="KEY" [site] [url] [title] [signature] [theme="light|dark"]>: nothing is asked before it is near.
// What the paper has put into it, a link to our page, is there for who runs no scripts: the shadow root hides it.

const NEAR = "600px";
const SHEET = new CSSStyleSheet();
SHEET.replaceSync(STYLE);

class Comments extends HTMLElement {
  #thread = null;
  #near = null;
  #gone = null;
  #paper;

  static observedAttributes = ["story", "site", "title"];

  // A page that shows its next article without being left: what stands here is another conversation, called otherwise.
  // It begins once the page has said all of it, in whatever order.
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    if (name !== "title") {
      this.headline = null;
      this.disconnectedCallback();
    }
    queueMicrotask(() => this.isConnected && this.connectedCallback());
  }

  // The paper's word on its reader: a token, or a function that gives one; null, or what gives null, is nobody. It is
  // kept here, for no other script to read.
  set token(given) {
    this.#paper = given ?? null;
    this.#thread?.hearOfReader(this.#paper);
  }

  connectedCallback() {
    if (Object.hasOwn(this, "token")) {
      // it was set before this script had come
      const { token } = this;
      delete this.token;
      this.token = token;
    }
    // what the paper calls the story is no hint for the pointer, over everything that stands here
    this.headline = this.getAttribute("title") ?? this.headline;
    this.removeAttribute("title");
    if (this.#thread || this.#near || !this.getAttribute("story")) return;
    const root = this.shadowRoot || this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [SHEET];
    this.lang = LANGUAGE;
    this.#near = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#start();
    }, { rootMargin: NEAR });
    this.#near.observe(this);
    this.#gone = new AbortController();
    addEventListener("hashchange", () => this.#called(), { signal: this.#gone.signal });
    if (named()) this.#start();
  }

  #start() {
    if (this.#thread || !this.isConnected) return;
    this.#near.disconnect();
    this.#thread = new Thread(this, this.shadowRoot, this.#paper);
    this.#thread.start();
  }

  // The page's address names a comment now, or does no more.
  #called() {
    if (this.#thread) this.#thread.turnTo(named());
    else if (named()) this.#start();
  }

  // Look now whether there are new comments, as it does by itself from time to time.
  look() {
    return this.#thread?.poll();
  }

  disconnectedCallback() {
    this.#near?.disconnect();
    this.#near = null;
    this.#gone?.abort();
    this.#thread?.stop();
    this.#thread = null;
    this.shadowRoot?.replaceChildren();
  }
}

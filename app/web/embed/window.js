// The window of ours by which a reader signs in. It tells this page, and no other, who they are, by a message.

const WINDOW = "popup,width=480,height=700";
const LOOK_EVERY_MILLISECONDS = 500;
let popup = null;

function isWindowOpen() {
  return popup !== null && !popup.closed;
}

// Calls `done` with the session once, or `failed` with the name of a sentence: the window was blocked, is open already, was
// closed, or parted from this page.
function openWindow(api, done, failed) {
  if (isWindowOpen()) {
    popup.focus();
    return failed("window_open");
  }
  const nonce = randomText();
  const where = { site: api.site, story: api.story, origin: location.origin, nonce };
  const other = (popup = open(address("/embed/window", where), "btl-sign-in", WINDOW));
  if (!other) return failed("window_blocked");
  const end = (act) => {
    removeEventListener("message", hear);
    clearInterval(looking);
    popup = null;
    act();
  };
  let heard = false;
  const hear = (event) => {
    if (event.origin !== HOME || event.source !== other) return;
    heard = true;
    if (event.data?.type !== "btl-session" || event.data.nonce !== nonce) return;
    end(() => done(api.take(event.data.session, true)));
  };
  let closedFor = 0;
  const looking = setInterval(() => {
    // its last message may still be on the way
    closedFor += other.closed ? 1 : 0;
    if (closedFor > 2) end(() => failed(heard ? "window_closed" : parted()));
  }, LOOK_EVERY_MILLISECONDS);
  addEventListener("message", hear);
  return undefined;
}

// A window that the browser has parted from this page looks closed to it, and never says that it is open.
function parted() {
  console.warn(`btl-comments: the window to sign in by could not answer. Does this page send Cross-Origin-Opener-Policy: same-origin? Send same-origin-allow-popups (${HOME}/embed.js)`);
  return "window_parted";
}

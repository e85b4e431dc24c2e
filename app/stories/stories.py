"""Stories: found by the paper's own key, made by the API or by the first comment, never by reading."""

from urllib.parse import urlsplit

import msgspec
import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from app import clock, ledger
from app.db import insert_once, shared
from app.errors import Malformed, NotFound
from app.ids import new_id
from app.language import mark
from app.models import Story
from app.models.story import CLOSED, IMPORT, NAMED_BY, OPEN, SIGNATURE
from app.models.webhook import STORY_OPENED
from app.stories import authors
from app.stories import signature as signatures
from app.stories.sites import SiteSnapshot
from app.stories.terms import Terms, checked
from app.stories.terms import put as put_terms
from app.text import characters
from app.webhooks import events
from config import origins

LONGEST_KEY = 200
# addresses of the API go on with these after a key
NOT_THE_END = ("/comments", "/mine")
LONGEST_TITLE = 300
LONGEST_URL = 2000
NO_OWN_PRODUCTS = mark("Whatever lets readers write at this newspaper lets them write at another one, too.")
log = structlog.get_logger()
# put together once, as every reader and writer begins with it
_BY_KEY = shared(select(Story).where(Story.site_id == bindparam("site"), Story.key == bindparam("key")))


class Naming(msgspec.Struct, frozen=True):
    """What a story is called: its address on one of the site's origins, and its title.

    `by` is whose word that is (models.story.NAMED_BY); None: a reader's, who may say where the story is and no more.
    `authors`: whose article it is, by their mailboxes (accounts.emails.token); looked at where staff names it.
    """

    url: str
    title: str = ""
    by: str | None = None
    authors: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """The title on one line, without what deceives; words are spaced as any browser may space them."""
        return " ".join(characters.honest(self.title).split())


def naming_of(secret: str, site: SiteSnapshot, key: str, url: str, title: str, signature: str | None) -> Naming:
    """What a reader hands us of the page that they write from: the paper's word if the paper has signed it."""
    if signature is None:
        return Naming(url)
    if signatures.is_good(signature, secret, site.key, key, url, title):
        return Naming(url, title, SIGNATURE)
    log.warning("story_signature_bad", site=site.key)
    return Naming(url)


def headline(story: Story) -> str:
    """A story's title; until the paper has given it one its address, or its key where it has none."""
    if story.title:
        return story.title
    address = story.url.partition("://")[2] or story.key
    return address if len(address) <= LONGEST_TITLE else f"{address[: LONGEST_TITLE - 1]}…"


def find(session: Session, site_id: int, key: str) -> Story | None:
    """The story of that key, or None: to readers an unknown story is one without comments."""
    if "\0" in key:
        return None  # PostgreSQL cannot even be asked
    return session.scalars(_BY_KEY, {"site": site_id, "key": key}).first()


def by_id(session: Session, story_id: int) -> Story:
    """The story of that id. Raises NotFound."""
    story = session.get(Story, story_id)
    if story is None:
        raise NotFound("unknown_story")
    return story


def ensure(session: Session, site: SiteSnapshot, key: str, naming: Naming) -> Story:
    """The story of that key, made now if it is new. Raises Malformed for a name that a new story cannot have."""
    return find(session, site.id, key) or _make(session, site, key, naming, OPEN)


def rename(session: Session, site: SiteSnapshot, story: Story, naming: Naming) -> None:
    """Call `story` as the paper does, unless that is a reader's word, or no stronger than who named it before.

    A signature says nothing of when it was made: if one replaced another, who has kept an old page could put its
    headline back. Locks the story, so it comes late in a transaction. Raises Malformed.
    """
    if naming.by is None:
        return
    weaker = NAMED_BY[: NAMED_BY.index(naming.by)]
    if story.named_by not in (None, *weaker):
        return
    _check_naming(site, naming)
    session.execute(
        update(Story)
        .where(Story.id == story.id, or_(Story.named_by.is_(None), Story.named_by.in_(weaker)))
        .values(url=naming.url, title=naming.headline, named_by=naming.by, revision=Story.revision + 1)
        .execution_options(synchronize_session=False)
    )


def note_embedded(session: Session, story: Story) -> None:
    """A reader has written under the article of `story`. Locks the story, so it comes late in a transaction."""
    if not story.embedded:
        session.execute(
            update(Story).where(Story.id == story.id).values(embedded=True).execution_options(synchronize_session=False)
        )


def put(session: Session, actor_id: int, site: SiteSnapshot, key: str, naming: Naming, terms: Terms) -> Story:
    """Make the story of that key, or give it this address, title, authors and terms. Raises Malformed."""
    terms = checked_terms(site, terms)
    authors.check(naming.authors)
    story = find(session, site.id, key) or _make(session, site, key, naming, terms.state)
    _check_naming(site, naming)
    story.url, story.title, story.named_by = naming.url, naming.headline, naming.by
    # before the other terms, among which its state is
    turn(session, actor_id, story, terms.state)
    authors.put(session, story.id, naming.authors)
    put_terms(story, terms)
    session.flush()
    return story


def checked_terms(site: SiteSnapshot, terms: Terms) -> Terms:
    """`terms` as they are kept. Raises Malformed for those that no story of the site can have."""
    if terms.title_only and not site.own_products:
        raise Malformed("no_own_products", NO_OWN_PRODUCTS, field="title_only")
    return checked(terms)


def turn(session: Session, actor_id: int, story: Story, state: str) -> None:
    """Open a story for comments, close it, or let a moderator read them before they appear; its other terms stay."""
    opens = story.state == CLOSED != state
    story.state = state
    story.revision = Story.revision + 1
    ledger.append(session, ledger.Entry(actor_id, "story.put", "story", story.id, story.site_id, {"state": state}))
    session.flush()
    if opens:
        events.record(session, story.site_id, STORY_OPENED, story.id)


def turn_now(session: Session, actor_id: int, story: Story, state: str) -> None:
    """The same as an editor says it who looks at the story: an end that is past is over, and closes it no more."""
    if story.closes_at is not None and story.closes_at <= clock.now():
        story.state, story.closes_at = CLOSED, None
    turn(session, actor_id, story, state)


def _make(session: Session, site: SiteSnapshot, key: str, naming: Naming, state: str) -> Story:
    _check_key(key)
    _check_naming(site, naming)
    made = insert_once(
        session,
        Story,
        id=new_id(),
        site_id=site.id,
        key=key,
        url=naming.url,
        title=naming.headline,
        named_by=naming.by,
        state=state,
        slow_seconds=0,
        message="",
        title_only=False,
        revision=0,
        comment_count=0,
        published_count=0,
        created_at=clock.now(),
    )
    story = session.scalars(select(Story).where(Story.site_id == site.id, Story.key == key)).one()
    if made and state != CLOSED and naming.by != IMPORT:
        events.record(session, site.id, STORY_OPENED, story.id)
    return story


def _check_key(key: str) -> None:
    # browsers take "." and ".." out of an address before they ask
    unreachable = key.endswith(NOT_THE_END) or not {".", ".."}.isdisjoint(key.split("/"))
    if not key.isprintable() or key != key.strip() or not 0 < len(key) <= LONGEST_KEY or unreachable:
        raise Malformed("bad_key", mark("This cannot be the key of a story."), field="key")


def _check_naming(site: SiteSnapshot, naming: Naming) -> None:
    if naming.by is not None and not 0 < len(naming.headline) <= LONGEST_TITLE:
        raise Malformed("bad_title", mark("This cannot be the title of a story."), field="title")
    if len(naming.url) > LONGEST_URL or not is_of(site, naming.url):
        raise Malformed("url_not_allowed", mark("Stories live on the addresses of the paper only."), field="url")


def is_of(site: SiteSnapshot, url: str) -> bool:
    """Whether the address is one of the newspaper's."""
    return _origin(url) in site.origins


def _origin(url: str) -> str | None:
    """scheme://host[:port] of a web address as browsers write it, or None."""
    if not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        return origins.parse(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return None

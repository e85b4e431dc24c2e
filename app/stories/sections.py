"""On what terms the stories of a section or tag take comments, unless what is said of a story says otherwise.

They are looked at when a story is put; a story that stands keeps its terms when those of its section change.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock, ledger
from app.errors import Malformed, NotFound
from app.language import mark
from app.models import Section
from app.stories import stories
from app.stories.sites import SiteSnapshot
from app.stories.terms import Terms

LONGEST_KEY = 100
MOST_DAYS = 3650
UNKNOWN = mark("There is no such section.")
BAD_KEY = mark("This cannot be the key of a section.")
# a section says for how long its stories take comments, and a story until when
SAME = tuple(name for name in Terms.__struct_fields__ if name != "closes_at")
DAYS = mark("Stories close after 1 to %(most)s days.")


def put(session: Session, actor_id: int, site: SiteSnapshot, key: str, terms: Terms, days: int | None) -> Section:
    """Give a section these terms; `days` after a story came to be it closes (None: it does not). Raises Malformed."""
    if not key.isprintable() or key != key.strip() or not 0 < len(key) <= LONGEST_KEY:
        raise Malformed("bad_key", BAD_KEY, field="key")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Malformed("bad_days", DAYS, field="closes_after_days", most=MOST_DAYS)
    terms = stories.checked_terms(site, terms)
    same = {name: getattr(terms, name) for name in SAME}
    section = session.merge(Section(site_id=site.id, key=key, closes_after_days=days, **same))
    _record(session, actor_id, site, "section.put", key)
    return section


def remove(session: Session, actor_id: int, site: SiteSnapshot, key: str) -> None:
    """Forget a section; its stories keep their terms. Raises NotFound."""
    gone = delete(Section).where(Section.site_id == site.id, Section.key == key).returning(Section.key)
    if session.scalar(gone) is None:
        raise NotFound("unknown_section", UNKNOWN)
    _record(session, actor_id, site, "section.remove", key)


def listed(session: Session, site_id: int) -> Sequence[Section]:
    """The sections of a site, by their keys."""
    return session.scalars(select(Section).where(Section.site_id == site_id).order_by(Section.key)).all()


def usual(session: Session, site: SiteSnapshot, key: str | None, story_key: str) -> Terms:
    """The terms of a story of that section where nothing else is said of it. Raises Malformed for an unknown one."""
    if key is None:
        return Terms()
    section = session.get(Section, (site.id, key)) if "\0" not in key else None
    if section is None:
        raise Malformed("unknown_section", UNKNOWN, field="section")
    same = {name: getattr(section, name) for name in SAME}
    if section.closes_after_days is None:
        return Terms(**same)
    story = stories.find(session, site.id, story_key)
    began = clock.now() if story is None else story.created_at
    return Terms(closes_at=began + timedelta(days=section.closes_after_days), **same)


def _record(session: Session, actor_id: int, site: SiteSnapshot, action: str, key: str) -> None:
    ledger.append(session, ledger.Entry(actor_id, action, "site", site.id, site.id, {"section": key}))

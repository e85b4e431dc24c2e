"""The front page, the rules of the house, and what it keeps of readers."""

from flask import render_template
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.identity import Identity
from app.models import Account, Story
from app.stories import sites
from app.text import markup
from app.threads import slices
from app.web.endpoint import page
from app.web.services import services
from app.web.sites import SiteQuery, rules_of
from config.rules import SiteRules

NEWEST_STORIES = 30


@page("GET", "/", "read")
def show_front(_caller: Identity) -> str:
    """The newest stories: the most talked about first, with what its readers respect most."""
    with services().database.reading() as session:
        named = _newest(session, Story.named_by.is_not(None), NEWEST_STORIES)
        # a reader who makes stories up takes no place from one that the paper has named
        unnamed = Story.named_by.is_(None) & (Story.comment_count > 0)
        others = _newest(session, unnamed, NEWEST_STORIES - len(named))
        lead = max(named or others, key=lambda story: story.comment_count, default=None)
        quote = slices.most_respected(session, lead.id) if lead else None
    rest = [story for story in named + others if story is not lead]
    return render_template("readers/front.html", lead=lead, others=rest, quote=quote, render=markup.render)


@page("GET", "/rules", "read", asks=SiteQuery)
def show_rules(caller: Identity, query: SiteQuery) -> str:
    """The rules that readers accept, and whether one has."""
    with services().database.reading() as session:
        accepted = session.scalar(select(Account.rules_version).where(Account.id == caller.account_id))
    site = sites.by_key(services().database, query.site) if query.site else None
    rules, site_id = (rules_of(site), site.id) if site else (_rules_of_the_first(), None)
    return render_template("readers/rules.html", site_id=site_id, rules=rules.rules, accepted=accepted)


@page("GET", "/privacy", "read")
def show_privacy(_caller: Identity) -> str:
    """What is kept of readers, in short."""
    it = services()
    common_ground = sites.somewhere_asks_who_disagrees(it.database, it.house)
    days = it.house.retention.reactions_days
    return render_template("readers/privacy.html", common_ground=common_ground, reactions_days=days)


def _newest(session: Session, which: ColumnElement[bool], most: int) -> list[Story]:
    if most == 0:
        return []
    return list(session.scalars(select(Story).where(which).order_by(Story.id.desc()).limit(most)))


def _rules_of_the_first() -> SiteRules:
    """The rules of the first newspaper; the house's own before there is one."""
    it = services()
    return rules_of(sites.by_key(it.database, None)) if sites.known(it.database) else it.house.at({})

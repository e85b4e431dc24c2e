"""The front page, the rules of the house, and what it keeps of readers."""

from flask import render_template
from sqlalchemy import select

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
    """The newest stories that the paper has named: the most talked about first, with what its readers respect most."""
    with services().database.reading() as session:
        named = select(Story).where(Story.named_by.is_not(None)).order_by(Story.id.desc())
        stories = session.scalars(named.limit(NEWEST_STORIES)).all()
        lead = max(stories, key=lambda story: story.comment_count, default=None)
        quote = slices.most_respected(session, lead.id) if lead else None
    others = [story for story in stories if story is not lead]
    return render_template("readers/front.html", lead=lead, others=others, quote=quote, render=markup.render)


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


def _rules_of_the_first() -> SiteRules:
    """The rules of the first newspaper; the house's own before there is one."""
    it = services()
    return rules_of(sites.by_key(it.database, None)) if sites.known(it.database) else it.house.at({})

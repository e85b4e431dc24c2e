"""The demo newspaper's own pages: its articles, each with the way to its comments.

A real paper has a system of its own for them.
"""

from datetime import UTC, datetime

from flask import Flask, abort, render_template

from app.db import Database
from app.demo import newspaper
from app.demo.newspaper import Story
from app.stories import signature as signatures
from app.stories import sites, stories
from app.stories.sites import SiteSnapshot
from app.stories.stories import Naming
from config.policy import HouseRules
from config.settings import Settings

PATH = "/gazette"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'",
    "Cache-Control": "no-store",
}


def signed(settings: Settings, site: SiteSnapshot, article: Story) -> Naming:
    """What the paper calls an article, signed as any paper signs: what it hands to whoever comments."""
    url = f"{site.origins[0]}{PATH}/{article.key}"
    signature = signatures.sign(settings.sso_secret, site.key, article.key, url, article.title)
    return stories.naming_of(settings.sso_secret, site, article.key, url, article.title, signature)


def create_gazette(database: Database, house: HouseRules) -> Flask:
    """A WSGI application to be mounted at PATH beside the web, whose style sheet it borrows."""
    flask = Flask(__name__, template_folder=str(newspaper.FOLDER), static_folder=None)
    articles = {story.key: story for story in newspaper.load().stories}

    @flask.get("/<path:key>")
    def show_article(key: str) -> tuple[str, dict[str, str]]:
        """An article."""
        site = sites.by_key(database, None)
        with database.reading() as session:
            story = stories.find(session, site.id, key)
        if story is None or key not in articles:
            abort(404)
        article = articles[key]
        paragraphs = article.article.strip().split("\n\n")
        page = render_template(
            "article.html", house=house, article=article, paragraphs=paragraphs, story=story, day=_day
        )
        return page, HEADERS

    return flask


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%-d %B %Y")

"""The demo newspaper's own site: its front page and its articles, each with the comments under it.

A real paper has a system of its own for them. To a browser `localhost` is another site than the comments' 127.0.0.1, so
this one is embedded in as any foreign newspaper is.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Flask, abort, render_template, send_file
from flask.typing import ResponseReturnValue
from werkzeug.serving import WSGIRequestHandler, make_server

from app.db import Database
from app.demo import newspaper
from app.demo.newspaper import Story
from app.stories import signature as signatures
from app.stories import sites, stories
from app.stories.sites import SiteSnapshot
from app.stories.stories import Naming
from config.policy import HouseRules
from config.settings import Settings

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src {comments}; connect-src {comments}; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)


def address(settings: Settings) -> str:
    """Where the newspaper is: at the port behind the comments'."""
    return f"http://localhost:{port(settings)}"


def port(settings: Settings) -> int:
    """The port that the newspaper listens on."""
    return (urlsplit(settings.public_url).port or 80) + 1


def signed(settings: Settings, site: SiteSnapshot, article: Story) -> Naming:
    """What the paper calls an article, signed as any paper signs: what it hands to whoever comments."""
    url, signature = _signature(settings, site, article)
    return stories.naming_of(settings.sso_secret, site, article.key, url, article.title, signature)


def create_gazette(settings: Settings, database: Database, house: HouseRules) -> Flask:
    """The newspaper as a WSGI application. It knows of the comments what any page knows: their address."""
    flask = Flask(__name__, template_folder=str(newspaper.FOLDER), static_folder=None)
    flask.add_url_rule("/gazette.css", view_func=_show_style)
    flask.add_url_rule("/favicon.ico", view_func=_show_icon)
    articles = {story.key: story for story in newspaper.load().stories}
    comments = settings.public_url
    headers = {"Content-Security-Policy": POLICY.format(comments=comments), "Cache-Control": "no-store"}

    @flask.get("/")
    def show_front() -> ResponseReturnValue:
        """The articles, the newest first."""
        newest = sorted(articles.values(), key=lambda article: article.days_ago)
        return render_template("front.html", house=house, comments=comments, articles=newest), headers

    @flask.get("/<path:key>")
    def show_article(key: str) -> ResponseReturnValue:
        """An article."""
        site = sites.by_key(database, None)
        with database.reading() as session:
            story = stories.find(session, site.id, key)
        if story is None or key not in articles:
            abort(404)
        article = articles[key]
        url, signature = _signature(settings, site, article)
        page = render_template(
            "article.html",
            house=house,
            comments=comments,
            article=article,
            paragraphs=article.article.strip().split("\n\n"),
            url=url,
            signature=signature,
            published=story.created_at,
            day=_day,
        )
        return page, headers

    return flask


@contextmanager
def serving(settings: Settings, house: HouseRules) -> Iterator[None]:
    """Serve the newspaper from a thread until the block ends."""
    database = Database(settings.database_url)
    flask = create_gazette(settings, database, house)
    server = make_server("127.0.0.1", port(settings), flask, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        database.close()


class _Quiet(WSGIRequestHandler):
    """A line for each request would bury the log-ins."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


def _show_style() -> ResponseReturnValue:
    return send_file(newspaper.FOLDER / "gazette.css", max_age=3600)


def _show_icon() -> ResponseReturnValue:
    """It has none."""
    return "", 204


def _signature(settings: Settings, site: SiteSnapshot, article: Story) -> tuple[str, str]:
    url = f"{site.origins[0]}/{article.key}"
    return url, signatures.sign(settings.sso_secret, site.key, article.key, url, article.title)


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%-d %B %Y")

"""What each route is declared to be: whom it serves, and which guards of the house it does without."""

from flask import Flask

from app.web.endpoint import ENDPOINTS, Audience

OPERATIONS = {"GET /healthz", "GET /readyz", "GET /metrics"}
WEBHOOKS = {"POST /stripe/webhook"}
GOOGLE = {
    "POST /v1alpha1/comments:analyze",
    "POST /v1alpha1/comments:suggestscore",
    "POST /batch",
    "GET /$discovery/rest",
}
# who reads a page of the paper: it asks by itself whose page that is
EMBED = {"POST /api/v1/embed/session"}
# a form on any page may lead there, where nothing is done but to ask
ARRIVAL = {"POST /sso"}
SCRIPT = {"GET /embed.js"}
# one body for all readers, which any cache may keep
SHARED = {
    "GET /api/v1/stories/<key:story>",
    "GET /api/v1/stories/<key:story>/comments",
    "GET /api/v1/comments/<comment>",
    "GET /api/v1/comments/<comment>/replies",
    "GET /api/v1/counts",
}
FEEDS = {
    "GET /stories/<story>/feed.atom",
    "GET /stories/<story>/feed.json",
    "GET /feed.atom",
    "GET /feed.json",
    "GET /sitemap.xml",
}


def routes(**fields: object) -> set[str]:
    """The routes with these values in these fields."""
    return {
        f"{declared.method} {declared.path}"
        for declared in ENDPOINTS
        if all(getattr(declared, name) == value for name, value in fields.items())
    }


def test_what_is_neither_a_page_nor_ours_to_shape_is_declared_as_what_it_is(app: Flask) -> None:
    assert routes(audience=Audience.OPERATION) == OPERATIONS
    assert routes(audience=Audience.WEBHOOK) == WEBHOOKS
    assert routes(audience=Audience.GOOGLE) == GOOGLE


# what a signed link of a letter does by itself
LINKS = {"POST /unsubscribe"}


def test_the_api_lies_below_one_address_and_nothing_else_does(app: Flask) -> None:
    below = {f"{declared.method} {declared.path}" for declared in ENDPOINTS if declared.path.startswith("/api/")}
    assert routes(audience=Audience.API) == below


def test_only_what_proves_itself_by_signature_key_or_origin_needs_no_token_against_forgery(app: Flask) -> None:
    assert routes(csrf=False) == WEBHOOKS | GOOGLE | EMBED | LINKS | ARRIVAL
    assert routes(for_embeds=True) == EMBED


def test_only_they_have_limits_of_their_own(app: Flask) -> None:
    assert routes(limited=False) == WEBHOOKS | GOOGLE | SCRIPT


def test_callers_are_unknown_where_the_answer_is_the_same_for_everyone(app: Flask) -> None:
    assert routes(shared=True) == SHARED | FEEDS | SCRIPT | WEBHOOKS | GOOGLE | OPERATIONS | ARRIVAL


def test_what_is_shared_is_open_to_everyone_and_changes_nothing_of_a_caller(app: Flask) -> None:
    for declared in ENDPOINTS:
        if declared.shared and declared.csrf:
            assert (declared.method, declared.takes) == ("GET", None), declared.path
            assert declared.action in ("read", "operate"), declared.path


def test_no_two_routes_share_a_name(app: Flask) -> None:
    assert len({declared.name for declared in ENDPOINTS}) == len(ENDPOINTS)

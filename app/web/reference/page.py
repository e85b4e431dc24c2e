"""The page /api: the OpenAPI document as people read it."""

from flask import render_template

from app.accounts.identity import Identity
from app.web.endpoint import page
from app.web.reference import document
from app.web.services import services


@page("GET", "/api", "read")
def show_page(_caller: Identity) -> str:
    """The API, for people."""
    return render_template("parts/api.html", document=document.document(services().house))

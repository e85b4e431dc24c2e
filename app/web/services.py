"""The installation that a request is answered by: given to `create_app`, reached through `services()`."""

from typing import cast

from flask import current_app

from app.installation import Installation

EXTENSION = "below-the-line"


def services() -> Installation:
    """The installation of the application that handles this request."""
    return cast(Installation, current_app.extensions[EXTENSION])

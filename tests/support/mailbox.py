"""Letters that have left as files."""

import email
from email import policy as formats
from email.message import EmailMessage

from config.settings import Settings


def letters_sent(settings: Settings) -> list[EmailMessage]:
    """The letters in the var folder, in the order in which they were written."""
    files = sorted((settings.var / "letters").glob("*.eml"))
    return [email.message_from_bytes(file.read_bytes(), policy=formats.default) for file in files]

"""Letters that come back after a mail server had taken them: delivery status notifications (RFC 3464).

Each brings our letter's Message-ID with it, whose number nobody can guess who has not got the letter. So a made-up one
keeps letters from nobody else.
"""

import re
from email import message_from_bytes, policy
from email.message import Message

from sqlalchemy.orm import Session

from app import ids
from app.mail import letters, senders
from app.models import Account, Letter
from config.settings import Settings

LARGEST_BYTES = 1024 * 1024
_MESSAGE_ID = re.compile(r"<(\d{1,19})@([^>\s]+)>")


def take(session: Session, settings: Settings, body: bytes) -> str | None:
    """Stop news to the account of the letter that `body` says came back for good; its address.

    None, and nothing changes, for any other message, such as one that says that a letter is late.
    """
    letter_id = _returned(settings, message_from_bytes(body[:LARGEST_BYTES], policy=policy.compat32))
    letter = session.get(Letter, letter_id) if letter_id is not None else None
    account = session.get(Account, letter.account_id) if letter is not None and letter.account_id else None
    if letter is None or letter.customer_id is not None or account is None or account.email is None:
        return None
    letters.refuse(session, account.id, account.email)
    return account.email


def _returned(settings: Settings, message: Message) -> int | None:
    """The letter that came back because there is no such mailbox."""
    parts = list(message.walk())
    if not any(_is_final(part) for part in parts if part.get_content_type() == "message/delivery-status"):
        return None
    named = [str(part.get("Message-ID", "")) for part in parts[1:]] + [_headers(part) for part in parts[1:]]
    found = (_MESSAGE_ID.search(name) for name in named)
    return next((ids.parse(each[1]) for each in found if each and each[2] == settings.sender.domain), None)


def _is_final(part: Message) -> bool:
    """Whether one of the recipients of a delivery status failed for good, and for the address."""
    blocks = part.get_payload()
    recipients = blocks if isinstance(blocks, list) else []
    return any(
        str(each.get("Action", "")).strip().lower() == "failed"
        and str(each.get("Status", "")).strip().split(" ")[0] in senders.ADDRESS_STATUSES
        for each in recipients
        if isinstance(each, Message)
    )


def _headers(part: Message) -> str:
    """The line that names our letter, where its headers alone are returned."""
    if part.get_content_type() != "text/rfc822-headers":
        return ""
    body = part.get_payload(decode=True)
    text = body.decode("latin-1") if isinstance(body, bytes) else ""
    line = re.search(r"(?im)^message-id:.*$", text)
    return line[0] if line else ""

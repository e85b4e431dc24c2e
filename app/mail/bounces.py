"""Letters that come back after a mail server had taken them: delivery status notifications (RFC 3464).

Each brings our letter's Message-ID with it, whose number nobody can guess who has not got the letter. So a made-up one
keeps letters from nobody else. And each says which address failed: readers may have another by then.
"""

import re
from email import message_from_bytes, policy
from email.message import Message

from sqlalchemy.orm import Session

from app import ids
from app.mail import letters, senders
from app.models import Account, Letter
from config.sender import ascii_domain
from config.settings import Settings

LARGEST_BYTES = 1024 * 1024
_ADDRESS = re.compile(r"[^\s<>;:,\"]{1,64}@[^\s<>;:,\"]{1,255}")
_MESSAGE_ID = re.compile(r"<(\d{1,19})@([^>\s]+)>")


def take(session: Session, settings: Settings, body: bytes) -> str | None:
    """Stop news to the account of the letter that `body` says came back for good; its address.

    None, and nothing changes, for any other message, such as one that says that a letter is late, or failed at an
    address that the account has no more.
    """
    message = message_from_bytes(body[:LARGEST_BYTES], policy=policy.compat32)
    letter_id = _returned(settings, message)
    letter = session.get(Letter, letter_id) if letter_id is not None else None
    account = session.get(Account, letter.account_id) if letter is not None and letter.account_id else None
    if letter is None or letter.customer_id is not None or account is None or account.email is None:
        return None
    if _as_sent(account.email).casefold() not in _failed(message):
        return None
    letters.refuse(session, account.id, account.email)
    return account.email


def _returned(settings: Settings, message: Message) -> int | None:
    """The letter that came back because there is no such mailbox."""
    parts = list(message.walk())
    if not any(_is_final(part) for part in parts if part.get_content_type() == "message/delivery-status"):
        return None
    found = (_MESSAGE_ID.search(name) for name in _named(parts[1:], "Message-ID"))
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


def _failed(message: Message) -> set[str]:
    """The addresses, in small letters, that the letter was for: as we wrote it, and where it ended."""
    parts = list(message.walk())[1:]
    named = [name for field in ("To", "Original-Recipient", "Final-Recipient") for name in _named(parts, field)]
    return {found.casefold() for name in named for found in _ADDRESS.findall(name)}


def _as_sent(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def _named(parts: list[Message], field: str) -> list[str]:
    """What a header says in each part, and in what is returned of a letter where that is its headers alone."""
    return [str(part.get(field, "")) for part in parts] + [_headers(part, field) for part in parts]


def _headers(part: Message, field: str) -> str:
    if part.get_content_type() != "text/rfc822-headers":
        return ""
    body = part.get_payload(decode=True)
    text = body.decode("latin-1") if isinstance(body, bytes) else ""
    line = re.search(rf"(?im)^{field}:.*$", text)
    return line[0] if line else ""

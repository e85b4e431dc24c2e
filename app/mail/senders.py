"""Three ways for a letter to leave: printed on the console, kept as a file, or sent by SMTP."""

import os
import re
import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from app import clock
from app.errors import Unready
from app.mail.sentences import Message
from config.sender import ascii_domain
from config.settings import Settings

TIMEOUT_SECONDS = 15
# "not now", as opposed to "never": the mailbox is full, or the server wants to be asked again
PASSING_REPLIES = range(400, 500)
# no such mailbox, domain or host, a mailbox that is shut, or letters before the @ that a server on the way does not
# take; others say that we, or this letter, are not wanted
ADDRESS_STATUSES = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.6.7")
ADDRESS_REPLIES = (550, 551, 553)
_STATUS = re.compile(r"(5\.\d{1,3}\.\d{1,3})\b")


class _Whole(UnstructuredHeader, BaseHeader):
    """A header that is never folded. The standard library would make encoded words (RFC 2047) of a long address, and
    no mail program finds it in them.
    """

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("List-Unsubscribe", _Whole)
_POLICY = EmailPolicy(header_factory=_HEADERS)


class MailUnavailable(Unready):
    """No letter leaves at the moment. They wait, be it for days."""

    code = "mail_unavailable"


class LetterDeferred(Unready):
    """The mail server takes letters, but this one not yet."""

    code = "letter_deferred"


class NoSuchMailbox(Exception):
    """No letter can ever arrive there: the mail server says so for good (a hard bounce), or takes no such address."""


class Sender(Protocol):
    """Raises NoSuchMailbox; MailUnavailable, LetterDeferred, or another Unready or SMTPException if the letter did not
    leave: then the job tries again.
    """

    def send(self, address: str, message: Message) -> None: ...


class Console:
    """For those who try the program out. In production a letter waits: what is printed there is kept in logs that many
    may read, and who has the link in a letter has the account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, address: str, message: Message) -> None:
        if self._settings.environment == "production":
            raise Unready("mail_not_set_up")
        sys.stdout.write(f"\nTo: {address}\nSubject: {message.subject}\n\n{message.text}\n")
        sys.stdout.flush()


class File:
    """One .eml file per letter in the var folder, named by the letter's id."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder: Path = settings.var / "letters"

    def send(self, address: str, message: Message) -> None:
        for folder in (self._settings.var, self._folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # whatever the umask, since who has the link in a letter has the account
        file = os.open(self._folder / f"{message.id}.eml", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=0o600)
        with open(file, "wb") as letter:
            letter.write(envelope(self._settings, address, message).as_bytes())


class Smtp:
    """A connection per letter: slow, and nothing to keep alive."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, address: str, message: Message) -> None:
        try:
            with self._connected() as server:
                if not (address.rpartition("@")[0].isascii() or server.has_extn("smtputf8")):
                    raise NoSuchMailbox
                server.send_message(envelope(self._settings, address, message))
        except smtplib.SMTPRecipientsRefused as refusal:
            if any(code in PASSING_REPLIES for code, _words in refusal.recipients.values()):
                raise LetterDeferred from refusal
            if all(_names_no_mailbox(code, words) for code, words in refusal.recipients.values()):
                raise NoSuchMailbox from refusal
            raise
        except smtplib.SMTPDataError as refusal:
            if refusal.smtp_code in PASSING_REPLIES:
                raise LetterDeferred from refusal
            raise
        except (
            OSError,
            smtplib.SMTPException,
        ) as error:  # the server, not the letter: it is away, or wants another key
            raise MailUnavailable from error

    def greet(self) -> None:
        """Whether the server lets us in. Raises MailUnavailable, from what went wrong."""
        try:
            with self._connected():
                pass
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        url = urlsplit(self._settings.smtp_url)
        context = ssl.create_default_context()
        encrypted = url.scheme == "smtps"
        host, port = url.hostname or "", url.port or (465 if encrypted else 25)
        server = (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
            if encrypted
            else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        )
        try:
            server.ehlo()
            if not encrypted and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                encrypted = True
            if url.username:
                if not encrypted:
                    raise smtplib.SMTPException("will not send a password in the clear")
                server.login(unquote(url.username), unquote(url.password or ""))
            yield server
        finally:
            # what was taken is taken, whatever is said in parting
            with closing(server), suppress(smtplib.SMTPException):
                server.quit()


def _names_no_mailbox(code: int, words: bytes) -> bool:
    """Whether a refusal is about the address: by the enhanced status code (RFC 3463), else by the SMTP code."""
    status = _STATUS.match(words.decode("latin-1"))
    return status[1] in ADDRESS_STATUSES if status else code in ADDRESS_REPLIES


def connect(settings: Settings) -> Sender:
    """The sender that the settings ask for."""
    match settings.mail:
        case "console":
            return Console(settings)
        case "file":
            return File(settings)
        case "smtp":
            return Smtp(settings)


def envelope(settings: Settings, address: str, message: Message) -> EmailMessage:
    """The letter as it travels: domains in ASCII, as every mail server takes them; an id that tells a repetition."""
    mail, sender = EmailMessage(_POLICY), settings.sender
    mail["Subject"] = message.subject
    mail["From"] = sender
    local, _, domain = address.rpartition("@")
    mail["To"] = f"{local}@{ascii_domain(domain)}"
    mail["Date"] = clock.now()
    mail["Message-ID"] = f"<{message.id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe:
        mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte="8bit")  # a link must stay in one piece
    return mail

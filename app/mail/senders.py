"""Three ways for a letter to leave: printed on the console, kept as a file, or sent by SMTP."""

import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from app import clock
from app.errors import Unready
from app.mail.sentences import Message
from config.settings import Settings

TIMEOUT_SECONDS = 15
# "not now", as opposed to "never": the mailbox is full, or the server wants to be asked again
PASSING_REPLIES = range(400, 500)


class MailUnavailable(Unready):
    """No letter leaves at the moment. They wait, be it for days."""

    code = "mail_unavailable"


class LetterDeferred(Unready):
    """The mail server takes letters, but this one not yet."""

    code = "letter_deferred"


class Sender(Protocol):
    """Raises MailUnavailable, LetterDeferred, or SMTPException if the letter is refused; the job tries again."""

    def send(self, address: str, message: Message) -> None: ...


class Console:
    """For those who try the program out."""

    def send(self, address: str, message: Message) -> None:
        sys.stdout.write(f"\nTo: {address}\nSubject: {message.subject}\n\n{message.text}\n")
        sys.stdout.flush()


class File:
    """One .eml file per letter in the var folder, named by the letter's id."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder: Path = settings.var / "letters"

    def send(self, address: str, message: Message) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{message.id}.eml").write_bytes(envelope(self._settings, address, message).as_bytes())


class Smtp:
    """A connection per letter: slow, and nothing to keep alive."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, address: str, message: Message) -> None:
        try:
            with self._connected() as server:
                server.send_message(envelope(self._settings, address, message))
        except smtplib.SMTPRecipientsRefused as refusal:
            if any(code in PASSING_REPLIES for code, _words in refusal.recipients.values()):
                raise LetterDeferred from refusal
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

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        url = urlsplit(self._settings.smtp_url)
        context = ssl.create_default_context()
        encrypted = url.scheme == "smtps"
        host, port = url.hostname or "localhost", url.port or (465 if encrypted else 25)
        with (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
            if encrypted
            else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        ) as server:
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


def connect(settings: Settings) -> Sender:
    """The sender that the settings ask for."""
    match settings.mail:
        case "console":
            return Console()
        case "file":
            return File(settings)
        case "smtp":
            return Smtp(settings)


def envelope(settings: Settings, address: str, message: Message) -> EmailMessage:
    """The letter as it travels. Its id makes a repetition recognisable."""
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = settings.mail_from
    mail["To"] = address
    mail["Date"] = clock.now()
    mail["Message-ID"] = f"<{message.id}@{settings.mail_from.rpartition('@')[2].strip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="8bit")  # a link must stay in one piece
    return mail

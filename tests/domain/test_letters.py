"""Letters wait in rows and leave by job, through each sender."""

import dataclasses
import socketserver
import threading
from collections.abc import Iterator

import pytest

from app import worker
from app.accounts import erasure
from app.billing import throttle
from app.db import Database
from app.mail import letters
from app.models import Job, Letter, OneTimeToken
from app.models.letter import BANNED_SIGN_UP, STATEMENT, VERIFY
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.mailbox import letters_sent

SECRET = "token="


def test_a_letter_is_sent_once_to_the_address_of_its_account(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    with database.transaction() as session:
        reader = factories.account(session, email="ada@example.org")
        letters.write(session, reader.id, STATEMENT, {"statement_id": "77"})
        letter = session.query(Letter).one()
    runner = worker.runner(throttle.throttled(assembled(settings, house, database)))
    assert runner.run_all() == 1
    worker.handlers(assembled(settings, house, database))[letters.SEND]({"letter_id": str(letter.id)})
    (mail,) = letters_sent(settings)
    assert mail["To"] == "ada@example.org"
    assert f"{settings.public_url}/statements/77" in mail.get_content()
    with database.reading() as session:
        assert session.get_one(Letter, letter.id).sent_at is not None


def test_a_secret_is_in_its_letter_and_nowhere_in_the_database(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    with database.transaction() as session:
        letters.write(session, factories.account(session, verified=False).id, VERIFY)
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    secret = letters_sent(settings)[0].get_content().split(SECRET)[1].split()[0]
    with database.reading() as session:
        token = session.query(OneTimeToken).one()
        assert secret not in (token.digest, str(session.query(Letter).one().parameters))


def test_letters_that_a_stranger_can_cause_do_not_pile_up(database: Database) -> None:
    with database.transaction() as session:
        reader = factories.account(session)
        for _time in range(5):
            letters.write_sparingly(session, reader.id, VERIFY)
        assert session.query(Letter).count() == 1


def test_an_erased_account_is_written_to_where_asked_and_that_address_is_forgotten(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    with database.transaction() as session:
        reader = factories.account(session)
        erasure.erase(session, reader.id)
        letters.write(session, reader.id, STATEMENT, {"statement_id": "1"})
        letters.write_sparingly(session, reader.id, BANNED_SIGN_UP, to="ada@example.org")
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    assert [mail["To"] for mail in letters_sent(settings)] == ["ada@example.org"]
    with database.reading() as session:
        assert all("to" not in letter.parameters for letter in session.query(Letter))


def test_a_letter_waits_in_its_row_while_there_is_no_mail_server(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    away = dataclasses.replace(settings, mail="smtp", smtp_url="smtp://127.0.0.1:9")
    with database.transaction() as session:
        letters.write(session, factories.account(session).id, STATEMENT, {"statement_id": "1"})
    worker.runner(throttle.throttled(assembled(away, house, database))).run_all()
    with database.reading() as session:
        job = session.query(Job).one()
        assert (job.state, job.last_error) == ("ready", "MailUnavailable")
        assert session.query(Letter).one().sent_at is None


class MailServer(socketserver.StreamRequestHandler):
    """As much SMTP as a client needs to hand a letter over."""

    received: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.received.append(text.decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def mail_server() -> Iterator[tuple[int, list[str]]]:
    with socketserver.TCPServer(("127.0.0.1", 0), MailServer) as server:
        server.received = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1], server.received  # type: ignore[attr-defined]
        server.shutdown()


def test_a_letter_leaves_by_smtp(
    database: Database, settings: Settings, house: HouseRules, mail_server: tuple[int, list[str]]
) -> None:
    port, received = mail_server
    by_smtp = dataclasses.replace(settings, mail="smtp", smtp_url=f"smtp://127.0.0.1:{port}")
    with database.transaction() as session:
        reader = factories.account(session, email="jürgen@example.org".replace("ü", "ue"))
        letters.write(session, reader.id, STATEMENT, {"statement_id": "1"})
    assert worker.runner(throttle.throttled(assembled(by_smtp, house, database))).run_all() == 1
    assert "To: juergen@example.org" in received[0]


def test_a_password_is_not_sent_in_the_clear(
    database: Database, settings: Settings, house: HouseRules, mail_server: tuple[int, list[str]]
) -> None:
    port, received = mail_server
    by_smtp = dataclasses.replace(settings, mail="smtp", smtp_url=f"smtp://user:secret@127.0.0.1:{port}")
    with database.transaction() as session:
        letters.write(session, factories.account(session).id, STATEMENT, {"statement_id": "1"})
    worker.runner(throttle.throttled(assembled(by_smtp, house, database))).run_all()
    assert not received

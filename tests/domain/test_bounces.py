"""Letters that come back: refused at once by the mail server, or told of later by a message."""

import dataclasses
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from app import worker
from app.billing import throttle
from app.db import Database
from app.mail import bounces, letters
from app.models import Account, Job, Letter
from app.models.letter import STATEMENT, VERIFY
from app.payers import mailboxes
from app.sign_in import sign_up
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.commands import invoke
from tests.support.plain_relay import plain_relay
from tests.support.refusing import refusing
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of

# as Postfix writes it
STATUS = """From: MAILER-DAEMON@mx.example
To: comments@paper.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

This is the mail system.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {failed}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 unknown

--b
Content-Type: {returned}

Subject: Somebody has answered you
Message-ID: <{letter}@{domain}>
From: comments@paper.example

--b--
"""


_MARKS = 'Content-Type: message/delivery-status\n-b;="<>@1'


@dataclass
class Written:
    """A letter that has been written to a reader."""

    database: Database
    settings: Settings
    reader: int
    letter: int

    def status(self, **other: object) -> bytes:
        said = {"action": "failed", "status": "5.1.1", "returned": "message/rfc822", "letter": self.letter}
        said["failed"] = "ada@example.org"
        return STATUS.format(**{**said, "domain": self.settings.sender.domain, **other}).encode()

    def take(self, body: bytes) -> str | None:
        with self.database.transaction() as session:
            return bounces.take(session, self.settings, body)

    @property
    def refused(self) -> bool:
        with self.database.reading() as session:
            return session.get_one(Account, self.reader).mail_refused_at is not None


@pytest.fixture
def written(database: Database, settings: Settings) -> Written:
    with database.transaction() as session:
        reader = factories.account(session, email="ada@example.org", settings=settings)
        letter_id = letters.write(session, reader.id, STATEMENT, {"statement_id": "1"})
        return Written(database, settings, reader.id, letter_id)


@pytest.mark.parametrize(
    ("answer", "refused", "state"),
    [
        ("550 5.1.1 no such user", True, None),
        ("550 nobody here", True, None),
        ("553 5.1.3 bad address", True, None),
        ("550 5.6.7 such letters are not taken", True, None),
        ("550 5.7.1 we do not like you", False, "ready"),
        ("554 5.7.26 unauthenticated", False, "ready"),
        ("451 4.7.0 later", False, "ready"),
        ("452 4.2.2 full", False, "ready"),
    ],
)
def test_a_mail_server_that_knows_no_such_mailbox_stops_news(
    written: Written, house: HouseRules, answer: str, refused: bool, state: str | None
) -> None:
    with refusing(answer) as url:
        by_smtp = dataclasses.replace(written.settings, mail="smtp", smtp_url=url)
        worker.runner(throttle.throttled(assembled(by_smtp, house, written.database))).run_all()
    assert written.refused is refused
    with written.database.reading() as session:
        assert session.query(Job.state).filter(Job.kind == letters.SEND).scalar() == state
        assert (session.get_one(Letter, written.letter).sent_at is None) == (state is not None)


def test_an_address_that_no_relay_takes_ends_as_one_that_came_back(written: Written, house: HouseRules) -> None:
    with written.database.transaction() as session:
        session.get_one(Account, written.reader).email = "jörg@example.org"
    with plain_relay() as relay:
        by_smtp = dataclasses.replace(written.settings, mail="smtp", smtp_url=relay.url)
        worker.runner(throttle.throttled(assembled(by_smtp, house, written.database))).run_all()
    assert written.refused
    with written.database.reading() as session:
        assert session.query(Job.state).filter(Job.kind == letters.SEND).scalar() is None
        assert session.get_one(Letter, written.letter).sent_at is not None


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_message_that_a_letter_failed_for_good_stops_news(written: Written, returned: str) -> None:
    assert written.take(written.status(returned=returned)) == "ada@example.org"
    assert written.refused


@pytest.mark.parametrize(
    "other",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"status": "5.2.2"},
        {"status": "5.7.1"},
        {"letter": 77},
        {"letter": "77777777777777777777"},
        {"domain": "elsewhere.example"},
        {"returned": "text/plain"},
    ],
)
def test_any_other_message_changes_nothing(written: Written, other: dict[str, object]) -> None:
    assert written.take(written.status(**other)) is None
    assert not written.refused


@pytest.mark.parametrize(
    ("present", "failed", "stops"),
    [
        ("new@example.org", "ada@example.org", False),
        ("ada@example.org", "ADA@Example.org", True),
        ("ada@bücher.example", "ada@xn--bcher-kva.example", True),
    ],
)
def test_only_the_address_that_failed_gets_no_more_news(
    written: Written, present: str, failed: str, stops: bool
) -> None:
    with written.database.transaction() as session:
        session.get_one(Account, written.reader).email = present
    assert written.take(written.status(failed=failed)) == (present if stops else None)
    assert written.refused is stops


@with_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(body=st.binary(max_size=400) | st.text(alphabet=_MARKS, max_size=400))
def test_whatever_is_piped_in_is_no_error(written: Written, body: bytes | str) -> None:
    noise = body if isinstance(body, bytes) else body.encode()
    for message in (noise, written.status()[: len(noise)] + noise, noise + written.status(letter=1)):
        assert written.take(message) is None


def test_a_mail_server_pipes_it_to_a_command(written: Written) -> None:
    said = invoke("mail", "bounced", environment=environment_of(written.settings), stdin=written.status())
    assert (said.exit_code, said.stdout) == (0, "No more news to ada@example.org.\n")
    assert written.refused
    said = invoke("mail", "bounced", environment=environment_of(written.settings), stdin=b"\xff\x00")
    assert (said.exit_code, said.stdout) == (0, "Not about a letter of ours that failed for good.\n")


def test_what_the_docs_have_postfix_run_runs_with_nothing_in_its_environment(written: Written, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs/notifications.md").read_text()
    printed = re.findall(r"^  user=below-the-line argv=/opt/below-the-line/(\S+)$", page, re.MULTILINE)
    script, settings = tmp_path / "bounced", tmp_path / "settings.env"
    shutil.copy(REPOSITORY / printed[0], script)
    text = script.read_text()
    for there, here in (
        ("/opt/below-the-line/.venv/bin/btl", f"{sys.executable} -m app.cli.main"),
        ("/etc/below-the-line.env", str(settings)),
        ("/var/lib/below-the-line", str(REPOSITORY)),
    ):
        assert there in text
        text = text.replace(there, here)
    script.write_text(text)

    def piped() -> tuple[int, bytes]:
        done = subprocess.run([script], input=written.status(), cwd="/", env={}, stdout=subprocess.PIPE)
        return done.returncode, done.stdout

    assert piped() == (75, b"")
    settings.write_text(
        "".join(f"{name}={shlex.quote(value)}\n" for name, value in environment_of(written.settings).items())
    )
    assert piped() == (0, b"No more news to ada@example.org.\n")
    assert written.refused


def test_who_confirms_the_address_again_gets_news_again(written: Written, house: HouseRules) -> None:
    written.take(written.status())
    with written.database.transaction() as session:
        sign_up.resend(session, written.reader)
        assert session.query(Letter).filter(Letter.kind == VERIFY).count() == 1
        mailboxes.prove(session, written.settings, house, session.get_one(Account, written.reader))
    assert not written.refused

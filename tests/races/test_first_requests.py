"""The first requests of a process come at the same moment, and it lives: what msgspec must learn of a shape, and
SQLAlchemy of a statement, which they do not one thread at a time, they have learnt before there are threads; what
Python must read of our modules for the API's document, one thread reads.
"""

import os
import subprocess
import sys

import pytest

from app.db import Database
from app.web.reference import raised
from config.settings import Settings
from tests.support import factories
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of

# names each shape whose annotations msgspec still has to read when the first request comes
STILL_TO_LEARN = """
import sys
from contextlib import suppress
import msgspec
from app import installation
from app.web.application import create_app
from app.web.endpoint import ENDPOINTS
from config.settings import Settings

create_app(installation.of(Settings.from_env()))
shapes = {shape for each in ENDPOINTS for shape in (each.takes, each.asks) if shape}
read = []

def watch(frame, event, _argument):
    if event == "call" and frame.f_code.co_name == "get_class_annotations":
        read.append(str(frame.f_locals.get("obj")))

class Fresh(msgspec.Struct):
    number: int

sys.setprofile(watch)
for shape in {*shapes, Fresh}:
    with suppress(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=shape)
sys.setprofile(None)
print(len(shapes) > 40, read)
"""

# what writes and pages begin with, by eight threads at once that change places as often as they can
AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from app import clock, installation
from app.accounts import identity, standing
from app.billing import inbox
from app.comments import gate, rate_limits
from app.gateway.events import Event
from app.jobs import queue
from app.moderation import strikes
from app.notifications import bell
from app.stories import sites, stories
from app.threads import conversations, mine, slices
from config.settings import Settings

it = installation.of(Settings.from_env())
comment_id, *readers = map(int, sys.argv[1:])
site, ready = sites.known(it.database)[0], Barrier(8)
with it.database.reading() as session:
    story = stories.find(session, site.id, "tide")

def ask(account_id):
    ready.wait(60)
    for part in (
        lambda session: identity.load(session, account_id, 0),
        lambda session: gate.ask(session, account_id, "post", site, it.house),
        lambda session: standing.read(session, account_id),
        lambda session: strikes.of(session, account_id),
        lambda session: slices.of_story(session, story, "newest", None, 3),
        lambda session: conversations.context(session, conversations.find(session, comment_id), 3),
        lambda session: mine.of(session, account_id, story.id),
        lambda session: bell.unread(session, account_id),
        lambda session: rate_limits.recent(session, account_id, it.house.limits),
    ):
        with it.database.reading() as session:
            part(session)
    ready.wait(60)
    with it.database.transaction() as session:
        queue.enqueue(session, "comments.published", {"comment_id": str(account_id)})
        event = Event(f"evt_{account_id}", "product.updated", False, False, clock.now(), None, None, None, frozenset())
        inbox.receive(session, event, b"", live=False)
    return "good"

sys.setswitchinterval(1e-5)
with ThreadPoolExecutor(8) as pool:
    print(sorted(set(pool.map(ask, readers))))
"""

# the document and its page, by eight threads that change places in the middle of what Python reads
DOCUMENTS = """
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from app import installation
from app.web.application import create_app
from config.settings import Settings

app, ready = create_app(installation.of(Settings.from_env())), Barrier(8)

def ask(address):
    ready.wait(60)
    return app.test_client().get(address).status_code

gc.callbacks.append(lambda *_: None)
gc.set_threshold(50)
sys.setswitchinterval(1e-6)
with ThreadPoolExecutor(8) as pool:
    print(sorted(set(pool.map(ask, ["/api", "/api/v1/openapi.json"] * 4))), file=sys.stderr)
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_document_is_made_by_one_of_its_first_readers(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        factories.site(session)
    done = in_a_process_of_its_own(settings, DOCUMENTS)
    assert done.stderr == "[200]\n", done.stdout[-2000:] + done.stderr[-2000:]


def test_what_another_request_imports_meanwhile_does_not_disturb_who_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    refuses = raised._refuses

    def meanwhile(value: object) -> bool:
        monkeypatch.setattr(raised, f"imported_{id(value)}", value, raising=False)
        return refuses(value)

    monkeypatch.setattr(raised, "_refuses", meanwhile)
    assert len(list(raised._raised())) > 100


def test_all_statements_are_whole_before_the_first_request(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        readers = [factories.subscriber(session) for _ in range(8)]
        comment = factories.comment(session, factories.story(session, site, "tide"), readers[0])
    done = in_a_process_of_its_own(settings, AT_ONCE, str(comment.id), *(str(reader.id) for reader in readers))
    assert done.stdout == "['good']\n", done.stdout + done.stderr[-2000:]


def in_a_process_of_its_own(settings: Settings, program: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command, environment = [sys.executable, "-c", program, *words], os.environ | environment_of(settings)
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_all_shapes_are_learnt_before_the_first_request(settings: Settings) -> None:
    done = in_a_process_of_its_own(settings, STILL_TO_LEARN)
    assert done.stdout == "True [\"<class '__main__.Fresh'>\"]\n", done.stdout + done.stderr[-2000:]

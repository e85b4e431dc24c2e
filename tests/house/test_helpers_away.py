"""Each helper stopped, frozen and brought back under load: nobody else waits, and nothing that was promised is lost."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from app import clock
from app.accounts import names
from app.billing import sync
from app.db import Database
from app.jobs import queue
from app.mail import letters
from app.models import Account, Assessment, Job, Letter
from app.models.api_key import SECOND
from app.models.job import DEAD, READY, RUNNING
from app.reconcile import jobs as reconcile
from app.screening import sampling
from tests.support import factories, far_scorer, identity_provider, sso
from tests.support.callers import bearer_of
from tests.support.crowd import Crowd, crowd_at
from tests.support.databases import SQLITE, Databases
from tests.support.identity_provider import IdentityProvider
from tests.support.installation import STRIPE, Installation, installed
from tests.support.perspective import ANALYZE, make_key, request
from tests.support.processes import free_port
from tests.support.settings import settings_for
from tests.support.stoppable import Stoppable, running
from tests.support.stripe_world import eventually
from tests.support.valkey import Valkey, valkey

LETTER = "banned_sign_up"
# as many as there are for readers in a process of the web
EVERY_THREAD = 8
# so that nobody tries more often in a minute than an account may
MANY_PAYERS = 200


@dataclass
class World:
    """A paper in real processes, with all its helpers in theirs, and a crowd at it."""

    paper: Installation
    crowd: Crowd
    mail: Stoppable
    noted: Path
    store: Valkey
    provider: IdentityProvider
    payers: Iterator[Account]
    second: Stoppable
    key: str

    @property
    def database(self) -> Database:
        return self.crowd.database

    def write_letter(self) -> str:
        """The id of a letter that is on its way."""
        with self.database.transaction() as session:
            letters.write(session, self.crowd.authors[0].id, LETTER)
            newest = select(func.max(Letter.id)).where(Letter.kind == LETTER)
            return str(session.scalar(newest))

    def has_left(self, letter: str) -> bool:
        return f"<{letter}@" in (self.noted.read_text() if self.noted.exists() else "")

    def rename(self) -> None:
        """Have a job done that needs nobody but the database."""
        with self.database.transaction() as session:
            queue.enqueue(session, names.REFRESH, {"account_id": str(self.crowd.authors[0].id)})

    def hear_of_a_subscription(self) -> None:
        """Have a job done that asks Stripe."""
        with self.database.transaction() as session:
            sync.request(session, sync.SUBSCRIPTION, "sub_nobody")

    def waiting(self, kind: str) -> int:
        """How many jobs of a kind are not done, apart from what recurs."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).where(Job.kind == kind)) or 0

    def in_hand(self, kind: str) -> bool:
        """Whether a job of a kind is being worked."""
        with self.database.reading() as session:
            return session.scalar(select(Job.id).where(Job.kind == kind, Job.state == RUNNING).limit(1)) is not None

    def opinions(self) -> int:
        """How many the second scorer has given."""
        with self.database.reading() as session:
            by_second = Assessment.scorer.contains(f"+{far_scorer.NAME}")
            return session.scalar(select(func.count()).where(by_second)) or 0

    def call_in_spanish(self) -> int:
        """What a key is answered that asks the second scorer for what the first does not read."""
        asked = request("Hola.", languages=["es"])
        url = f"{self.crowd.url}{ANALYZE}?key={self.key}"
        return requests.post(url, json=asked, headers=self.crowd.address(), timeout=60).status_code

    def dead(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).where(Job.state == DEAD)) or 0

    def pay(self) -> int:
        """What a reader, another one each time, is answered who wants to subscribe, for which Stripe is asked."""
        headers = bearer_of(self.crowd.settings, next(self.payers)) | self.crowd.address()
        url = f"{self.crowd.url}/subscription/subscribe"
        return requests.post(url, headers=headers, allow_redirects=False, timeout=60).status_code

    def return_from_provider(self) -> Callable[[], int]:
        """Somebody has been let in by the provider, and is on the way back: what they are answered there."""
        reader = requests.Session()
        reader.headers.update(self.crowd.address())
        begun = reader.get(f"{self.crowd.url}/oidc", allow_redirects=False, timeout=60)
        back = self.provider.leads_to(begun.headers["Location"])
        return lambda: reader.get(back, allow_redirects=False, timeout=60).status_code

    def sign_in_by_provider(self) -> int:
        return self.return_from_provider()()

    def sign_in_by_paper(self, key_id: str = "one") -> tuple[int, str | None]:
        """What a page of the paper is answered with a token that this key has signed."""
        crowd = self.crowd
        token = sso.signed(sso.claims(crowd.settings, crowd.site.key), self.provider.key, "RS256", kid=key_id)
        asked = {"token": token, "browser": sso.BROWSER, "story": crowd.story.key}
        headers = sso.PAGE | crowd.address()
        answer = requests.post(f"{crowd.url}/api/v1/embed/sso", json=asked, headers=headers, timeout=60)
        return answer.status_code, answer.json().get("code")


@pytest.fixture(scope="module")
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("helpers")
    port, noted, far = free_port(), folder / "noted", str(free_port())
    with ExitStack() as stack:
        database = stack.enter_context(databases.empty(SQLITE))
        store = stack.enter_context(valkey())
        mail = stack.enter_context(running([sys.executable, "-m", "tests.support.mail_server", str(port), str(noted)]))
        provider = stack.enter_context(identity_provider.running(folder))
        second = stack.enter_context(running([sys.executable, "-m", "tests.support.far_scorer", far]))
        further = {
            far_scorer.PORT: far,
            "BTL_SECOND_SCORER": far_scorer.NAME,
            "BTL_MAIL": "smtp",
            "BTL_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "BTL_LIMITS_URL": store.url,
            "BTL_PROXIES": "1",
            "BTL_OIDC_ISSUER": provider.issuer,
            "BTL_OIDC_CLIENT_ID": identity_provider.CLIENT_ID,
            "BTL_OIDC_CLIENT_SECRET": identity_provider.CLIENT_SECRET,
            # the paper publishes its keys at the same place
            "BTL_SSO_JWKS": f"{provider.issuer}/keys",
            "SSL_CERT_FILE": str(provider.certificate),
        }
        settings = settings_for(database, folder)
        paper = stack.enter_context(installed(settings, folder, btl="tests.support.far_scorer", **further))
        # or it would end the subscriptions of the crowd, which no Stripe has ever sold
        eventually(lambda: has_compared(database), 60)
        crowd = crowd_at(paper.settings, database, paper.settings.public_url)
        with database.transaction() as session:
            payers = [factories.account(session) for _ in range(MANY_PAYERS)]
        key = make_key(database, paper.settings, unread_languages=SECOND)
        yield World(paper, crowd, mail, noted, store, provider, cycle(payers), second, key)


def has_compared(database: Database) -> bool:
    """Whether the comparison with Stripe with which a worker begins is over: the next one waits for its hour."""
    later = clock.now() + timedelta(minutes=30)
    waits = (Job.kind == reconcile.RECONCILE) & (Job.state == READY) & (Job.run_at > later)
    with database.reading() as session:
        return session.scalar(select(Job.id).where(waits)) is not None


@contextmanager
def stopped(helper: Stoppable) -> Iterator[None]:
    helper.kill()
    yield
    helper.start()


@contextmanager
def frozen(helper: Stoppable) -> Iterator[None]:
    helper.freeze()
    try:
        yield
    finally:
        helper.thaw()


WAYS = pytest.mark.parametrize("away", [stopped, frozen])
Away = Callable[[Stoppable], AbstractContextManager[None]]


def others_notice_nothing(world: World) -> None:
    assert world.crowd.statuses() <= {200, 201}
    assert world.crowd.lost() == set()
    assert world.dead() == 0


@WAYS
def test_without_the_store_of_limits_everything_goes_on(world: World, away: Away) -> None:
    crowd = world.crowd
    with crowd.busy():
        with away(world.store.process):
            alone = measured(crowd, "btl_limits_alone_total")
            eventually(lambda: measured(crowd, "btl_limits_alone_total") > alone + 10, 60)
        world.store.wait_until_ready()
        known = world.store.counts()
        eventually(lambda: world.store.counts() > known, 60)
    others_notice_nothing(world)


@WAYS
def test_without_a_mail_server_letters_wait_and_nothing_else(world: World, away: Away) -> None:
    with world.crowd.busy():
        before = world.write_letter()
        # that it was taken must have been heard, or it will be sent again
        eventually(lambda: world.has_left(before) and not world.waiting(letters.SEND), 60)
        with away(world.mail):
            waiting = [world.write_letter() for _ in range(3)]
            # one is tried, and nobody waits until it has been given up
            eventually(lambda: away is stopped or world.in_hand(letters.SEND), 60)
            world.rename()
            world.hear_of_a_subscription()
            eventually(lambda: not world.waiting(names.REFRESH) and not world.waiting(sync.REFRESH), 60)
            assert away is stopped or world.in_hand(letters.SEND)
            assert world.waiting(letters.SEND) == 3
        eventually(lambda: all(map(world.has_left, waiting)), 60)
    others_notice_nothing(world)


@WAYS
def test_without_stripe_who_pays_is_told_and_everything_else_goes_on(world: World, away: Away) -> None:
    with world.crowd.busy(), ThreadPoolExecutor(EVERY_THREAD) as pool:
        assert world.pay() == 303
        with away(world.paper.running[STRIPE]):
            world.hear_of_a_subscription()
            paying = [pool.submit(world.pay) for _ in range(EVERY_THREAD)]
            letter = world.write_letter()
            eventually(lambda: world.has_left(letter), 60)
            world.crowd.statuses()
            for _ in range(20):
                world.crowd.get("/")
            assert world.crowd.answers["/", 200] >= 20
            assert [each.result() for each in paying] == [503] * EVERY_THREAD
            assert world.waiting(sync.REFRESH) >= 1
        eventually(lambda: world.pay() == 303, 60)
        eventually(lambda: not world.waiting(sync.REFRESH), 60)
    others_notice_nothing(world)


def test_without_an_answer_of_the_second_scorer_the_first_verdict_stands_and_nobody_else_waits(world: World) -> None:
    retrying = "btl_second_opinions_retrying"
    with world.crowd.busy():
        eventually(lambda: world.opinions() > 0 and world.call_in_spanish() == 200, 60)
        with frozen(world.second):
            letter = world.write_letter()
            world.rename()
            assert world.call_in_spanish() == 503
            eventually(lambda: measured(world.crowd, retrying) > 0, 60)
            eventually(lambda: world.has_left(letter) and not world.waiting(names.REFRESH), 60)
            known = world.opinions()
        eventually(lambda: world.call_in_spanish() == 200, 60)
    eventually(lambda: world.opinions() > known and not world.waiting(sampling.RECONSIDER), 120)
    others_notice_nothing(world)


@contextmanager
def trickling(world: World) -> Iterator[None]:
    """A provider of identities that says a little at a time, for longer than a test lasts."""
    world.provider.lets_in("ada", told={"token": "trickles"})
    yield
    world.provider.lets_in("ada", told={"token": None})


@pytest.mark.parametrize("way", [stopped, frozen, trickling])
def test_without_the_provider_of_identities_who_signs_in_by_it_is_told_and_readers_read(
    world: World, way: Callable[..., AbstractContextManager[None]]
) -> None:
    world.provider.lets_in("ada")
    with world.crowd.busy(), ThreadPoolExecutor(EVERY_THREAD) as pool:
        eventually(lambda: world.sign_in_by_provider() == 303, 60)
        returning = [world.return_from_provider() for _ in range(EVERY_THREAD)]
        with way(world if way is trickling else world.provider.process):
            answers = [pool.submit(each) for each in returning]
            for _ in range(20):
                world.crowd.get("/")
            assert world.crowd.answers["/", 200] >= 20
            assert [each.result() for each in answers] == [503] * EVERY_THREAD
        eventually(world.provider.answers, 60)
        world.provider.lets_in("ada")
        eventually(lambda: world.sign_in_by_provider() == 303, 60)
    others_notice_nothing(world)


@WAYS
def test_without_the_papers_keys_those_that_are_known_count_and_nobody_waits(world: World, away: Away) -> None:
    with world.crowd.busy(), ThreadPoolExecutor(EVERY_THREAD) as pool:
        assert world.sign_in_by_paper() == (200, None)
        with away(world.provider.process):
            strangers = [pool.submit(world.sign_in_by_paper, f"new {each}") for each in range(EVERY_THREAD)]
            assert world.sign_in_by_paper() == (200, None)
            assert [each.result() for each in strangers] == [(422, "sso_key")] * EVERY_THREAD
        assert world.sign_in_by_paper() == (200, None)
        eventually(world.provider.answers, 60)
    others_notice_nothing(world)


def measured(crowd: Crowd, name: str) -> float:
    """The value of a counter at /metrics."""
    lines = requests.get(f"{crowd.url}/metrics", timeout=60).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))

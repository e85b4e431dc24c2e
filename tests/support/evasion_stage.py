"""The newspaper at which somebody does all they can to get round a ban: its staff, who is there, and what they may."""

from contextlib import ExitStack
from typing import Any, ClassVar

import time_machine
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from app import clock
from app.accounts import identity
from app.accounts.identity import Identity
from app.db import Database
from app.errors import Refusal
from app.models import Account, Comment, Decision, Site
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR, ROLES
from app.sign_in import sign_up
from app.stories.sites import SiteSnapshot
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.evasion_truth import Known, Truth

# each mailbox in several spellings
MAILBOXES = (
    ("ann.lee@gmail.com", "annlee+x@googlemail.com"),
    ("sam@hotmail.co.uk", "sam+2@hotmail.co.uk"),
    ("kim@ya.ru", "kim+k@yandex.com"),
    ("joe@paper.example", "joe@paper.example"),
    ("pat+reads@live.fr", "pat+writes@live.fr"),
)
# whoever works here may read here as well: the last of them is the editor's, who works under this
EDITORS, EDITOR_AT_WORK = len(MAILBOXES) - 1, "pat@live.fr"


class Stage(RuleBasedStateMachine):
    """One newspaper and its accounts, in a transaction that is rolled back. Subclass it with the class variables."""

    database: ClassVar[Database]
    settings: ClassVar[Settings]
    house: ClassVar[HouseRules]

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.now = self.open.enter_context(time_machine.travel(clock.now(), tick=False))
        self.session = self.open.enter_context(self.database.transaction())
        site = factories.site(self.session)
        self.site = SiteSnapshot(site.id, site.key, site.name, tuple(site.origins), site.policy, tuple(site.products))
        self.story = factories.story(self.session, site)
        self.began = clock.now()
        self.it = assembled(self.settings, self.house, self.database)
        self.made: list[Decision] = []
        self.truth = Truth(self.session, self.site, self.house)
        self._employ(MODERATOR, at=site)
        for role in (MODERATOR, EDITOR, ADMINISTRATOR, ADMINISTRATOR):
            self._employ(role)

    def teardown(self) -> None:
        self.session.rollback()
        self.open.close()

    def _employ(self, role: str, at: Site | None = None) -> None:
        mailbox = EDITORS if role == EDITOR else len(MAILBOXES) + len(self.truth.accounts)
        email = EDITOR_AT_WORK if role == EDITOR else f"staff{mailbox}@paper.example"
        account = factories.account(self.session, email=email, settings=self.settings, verified=False)
        sign_up.confirm(self.session, self.settings, self.house, account)
        factories.give_role(self.session, account, role, at=at)
        rank = (ROLES.index(role), at is None)
        self.truth.accounts.append(Known(account.id, frozenset({mailbox}), verified=True, rank=rank))

    def _act(self, by: int, whom: int, act: Any, *args: Any) -> bool:
        """Have a member of staff (in place of ...) do something to an account; whether it was done."""
        actor, target = self._staff(by), self.truth.of(whom)
        if actor is None:
            return False
        caller = self._identity(actor)
        made = self._try(act, *(caller if arg is ... else arg for arg in args))
        if made is None:
            return False
        if isinstance(made, Decision):
            self.made.append(made)
            self.truth.follow_cases()
        self.truth.check_act(actor, target, made)
        return True

    def _try(self, act: Any, *args: Any) -> Any:
        """What `act` answers; None if it is refused, with nothing done."""
        try:
            with self.session.begin_nested():
                return act(*args)
        except Refusal:
            self.session.expire_all()
            return None

    def _identity(self, actor: Known) -> Identity:
        return identity.load(self.session, actor.id, self.session.get_one(Account, actor.id).session_epoch)

    def _staff(self, which: int) -> Known | None:
        found = self.truth.staff()
        return found[which % len(found)] if found else None

    def _any(self, which: int) -> Known:
        return self.truth.accounts[-1 - which % len(self.truth.accounts)]

    def _living(self, which: int) -> Known:
        found = self.truth.living()
        return found[-1 - which % len(found)]

    def _latest(self, author: Known) -> list[int]:
        """The id of the comment that they wrote last, if they wrote any."""
        latest = select(Comment.id).where(Comment.account_id == author.id).order_by(Comment.id.desc()).limit(1)
        return list(self.session.scalars(latest))

    def _ids(self, table: Any) -> set[int]:
        return set(self.session.scalars(select(table.id)))

"""What most tests begin with. Plain functions over a session: rows as the application would have left them."""

import hashlib
import secrets
from datetime import datetime, timedelta
from itertools import count

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails
from app.accounts.lookalikes import skeleton
from app.ids import new_id
from app.models import (
    Account,
    Comment,
    Customer,
    Decision,
    Login,
    PaymentCase,
    Revision,
    Role,
    Sanction,
    Site,
    Statement,
    Story,
    Subscription,
)
from app.models.comment import PUBLISHED
from app.models.login import LOCAL
from app.models.payment_case import POSSIBLE_RETURN
from app.models.role import ALL_SITES
from app.models.sanction import SUSPENSION
from app.models.story import OPEN, STAFF
from app.models.trait import MAILBOX
from app.payers import mailboxes, payment_cases
from app.payers.payment_cases import PayerFinding
from app.stories import publication, sites
from config import policy
from config.policy import HouseRules
from config.settings import Settings
from tests.support.repository import REPOSITORY

PRODUCT = "prod_comments"
PASSWORD = "a password for the tests"
RULES_VERSION = policy.load(REPOSITORY / "config" / "policy.toml").rules_version

_numbers = count(1)
_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def site(
    session: Session,
    key: str | None = None,
    *,
    origin: str = "https://paper.example",
    products: tuple[str, ...] = (PRODUCT,),
) -> Site:
    """A newspaper whose stories live at `origin` and whose subscribers have one of `products`."""
    key = key or f"paper-{next(_numbers)}"
    return sites.create(session, key, key.title(), [origin], list(products))


def seek_common_ground(at: Site) -> Site:
    """Have common ground be sought at a site, and its readers be asked who disagrees."""
    at.policy, at.seeks_common_ground = {"common_ground": {"enabled": True}}, True
    return at


def story(session: Session, at: Site, key: str | None = None, *, state: str = OPEN) -> Story:
    """A story of the site `at`."""
    key = key or f"story-{next(_numbers)}"
    made = Story(
        id=new_id(),
        site_id=at.id,
        key=key,
        url=f"{at.origins[0]}/{key}",
        title=key.title(),
        named_by=STAFF,
        state=state,
        revision=0,
        comment_count=0,
        created_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def account(
    session: Session,
    name: str | None = None,
    *,
    email: str | None = None,
    settings: Settings | None = None,
    verified: bool = True,
    rules: str | None = RULES_VERSION,
    password: str | None = None,
) -> Account:
    """A reader, verified and with the rules accepted. Pass `settings` when the mailbox itself matters, and `password`
    (PASSWORD) when somebody is to sign in with it."""
    number = next(_numbers)
    name = name or f"Reader {number}"
    email = email or f"reader{number}@example.org"
    made = Account(
        id=new_id(),
        email=email,
        email_token=emails.token(settings, email) if settings else secrets.token_hex(32),
        name=name,
        name_skeleton=skeleton(name),
        verified_at=clock.now() if verified else None,
        rules_version=rules,
        session_epoch=0,
        created_at=clock.now(),
    )
    session.add(made)
    session.flush()
    if verified:
        token = mailboxes.token(settings, email) if settings else secrets.token_hex(32)
        mailboxes.remember(session, made.id, MAILBOX, token)
    if password is not None:
        login = {"provider": LOCAL, "subject": emails.folded(email), "secret": _hasher.hash(password)}
        session.add(Login(id=new_id(), account_id=made.id, created_at=clock.now(), **login))
        session.flush()
    return made


def subscriber(session: Session, name: str | None = None, *, status: str = "active") -> Account:
    """A reader whose subscription to PRODUCT runs for another month; any other `status` is Stripe's word for it."""
    made = account(session, name)
    subscribe(session, made, status=status)
    return made


def subscribe(
    session: Session, reader: Account, *, status: str = "active", ends: datetime | None = None
) -> Subscription:
    """Stripe's customer for `reader`, with a subscription that is paid until `ends` (default: in 30 days)."""
    now = clock.now()
    customer_id = f"cus_{reader.id}"
    if session.get(Customer, customer_id) is None:
        session.add(Customer(id=customer_id, account_id=reader.id, created_at=now))
    made = Subscription(
        id=f"sub_{new_id()}",
        customer_id=customer_id,
        account_id=reader.id,
        status=status,
        products=[PRODUCT],
        period_end=ends or now + timedelta(days=30),
        fetched_at=now,
    )
    session.add(made)
    session.flush()
    return made


def staff(session: Session, role: str, name: str | None = None, *, at: Site | None = None) -> Account:
    """An account with a role (app.models.role) at one site, or at all."""
    made = account(session, name)
    give_role(session, made, role, at=at)
    return made


def give_role(session: Session, to: Account, role: str, *, at: Site | None = None) -> None:
    """Make an account staff."""
    site_id = at.id if at else ALL_SITES
    session.add(Role(id=new_id(), account_id=to.id, site_id=site_id, role=role, created_at=clock.now()))
    session.flush()


def comment(
    session: Session,
    under: Story,
    author: Account,
    text: str = "A thought about this story.",
    *,
    parent: Comment | None = None,
    state: str = PUBLISHED,
    at: datetime | None = None,
) -> Comment:
    """A comment, or a reply to `parent`, with its first revision and with all counters right."""
    at = at or clock.now()
    made_id = new_id(at)
    root = session.get_one(Comment, parent.root_id) if parent else None
    if root:
        root.last_position += 1
    made = Comment(
        id=made_id,
        site_id=under.site_id,
        story_id=under.id,
        account_id=author.id,
        parent_id=parent.id if parent else None,
        root_id=root.id if root else made_id,
        position=root.last_position if root else 0,
        last_position=0,
        depth=parent.depth + 1 if parent else 0,
        text=text,
        text_digest=hashlib.sha256(text.encode()).hexdigest(),
        revision=1,
        created_at=at,
    )
    publication.set_state(session, made, state)
    session.add(Revision(comment_id=made_id, number=1, text=text, created_at=at))
    session.flush()
    return made


def sanction(
    session: Session,
    account: Account,
    kind: str = SUSPENSION,
    *,
    at: Site,
    ends: datetime | None = None,
    acknowledged: bool = False,
) -> Sanction:
    """A sanction in force, with the moderator's decision behind it. Ends no session: see accounts.sanctions.impose."""
    now = clock.now()
    decision = _decision(session, account, kind, at)
    made = Sanction(
        id=new_id(),
        account_id=account.id,
        kind=kind,
        source="moderator",
        decision_id=decision.id,
        starts_at=now,
        ends_at=ends if ends or kind != SUSPENSION else now + timedelta(days=7),
        acknowledged_at=now if acknowledged else None,
    )
    session.add(made)
    session.flush()
    return made


def possible_return(
    session: Session, house: HouseRules, account: Account, sanction: Sanction, matched: str = "card", *, at: Site
) -> PaymentCase:
    """The finding that `account` pays with what `sanction` is on, asked of the moderators of `at`."""
    reference = str(sanction.account_id)
    finding = PayerFinding(POSSIBLE_RETURN, account.id, reference, sanction.id, matched)
    case_id = payment_cases.ask(session, house, finding, at.id)
    return session.get_one(PaymentCase, case_id)


def _decision(session: Session, account: Account, kind: str, at: Site) -> Decision:
    """The decision behind a sanction, with the statement that none can be without."""
    now = clock.now()
    about = {"site_id": at.id, "subject_type": "account", "subject_id": account.id, "account_id": account.id}
    statement = Statement(
        id=new_id(),
        restrictions=[kind],
        rule="respect",
        category="STATEMENT_CATEGORY_CYBER_VIOLENCE",
        source_type="SOURCE_VOLUNTARY",
        automated_detection=False,
        automated_decision="AUTOMATED_DECISION_NOT_AUTOMATED",
        text="For a test.",
        language="en",
        applies_from=now,
        created_at=now,
        appeal_until=now + timedelta(days=183),
        **about,
    )
    session.add(statement)
    session.flush()
    decision = Decision(
        id=new_id(),
        action=kind,
        rule="respect",
        reason="for a test",
        before={},
        statement_id=statement.id,
        created_at=now,
        **about,
    )
    session.add(decision)
    session.flush()
    return decision

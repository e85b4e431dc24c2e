"""The webhooks of a newspaper: made and taken away by the operator, who is shown a secret once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from app import clock, ids, ledger, outgoing
from app.db import find_locked, insert_once
from app.errors import Conflict, Malformed, NotFound
from app.ids import new_id
from app.language import mark
from app.models import Site, Webhook, WebhookDelivery
from app.models.webhook_delivery import DEAD, DELIVERED, WAITING
from app.webhooks import signature
from config.settings import Settings

MOST_IN_LOG = 50
TAKEN = mark("There is a webhook of this name. Remove it first, or take another name.")
LATELY = mark(
    "Its receiver may still have the secret before this one, which signs until %(again)s: rotate it then. If this one "
    "has leaked, add a webhook of another name with the same address, and remove this one when its receiver has that "
    "secret."
)
ADDRESS = mark("A webhook is told at an address of https, at the usual port or one from 1024 on, that names no user.")


def add(session: Session, settings: Settings, site: Site, name: str, url: str, events: Sequence[str]) -> str:
    """Have `url` told of these events from now on; its secret. Raises Malformed (bad_address), Conflict."""
    if not outgoing.is_address(url):
        raise Malformed("bad_address", ADDRESS, field="url")
    now, webhook_id = clock.now(), new_id()
    about = {"site_id": site.id, "name": name, "url": url, "events": sorted(set(events))}
    if not insert_once(session, Webhook, id=webhook_id, generation=1, failures=0, free_at=now, created_at=now, **about):
        raise Conflict("webhook_exists", TAKEN)
    webhook = session.get_one(Webhook, webhook_id)
    _note(session, webhook, "create")
    return signature.secret(settings, webhook)


def rotate(session: Session, settings: Settings, site: Site, name: str) -> str:
    """A new secret; for BOTH_FOR the one before signs, too, and no other is given. Raises NotFound, Conflict."""
    webhook, now = named(session, site, name), clock.now()
    if webhook.rotated_at and now < (again := webhook.rotated_at + signature.BOTH_FOR):
        raise Conflict("rotated_lately", LATELY, again=f"{again:%Y-%m-%d %H:%M:%S} UTC")
    webhook.generation, webhook.rotated_at = webhook.generation + 1, now
    _note(session, webhook, "rotate")
    return signature.secret(settings, webhook)


def remove(session: Session, site: Site, name: str) -> None:
    """Tell it nothing any more, and forget what it was told. Raises NotFound."""
    webhook = named(session, site, name)
    # who writes down an event just now holds it, and is waited for
    session.refresh(webhook, with_for_update=True)
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id))
    session.delete(webhook)
    _note(session, webhook, "remove")


def replay(
    session: Session, site: Site, name: str, *, since: datetime | None = None, delivery_id: int | None = None
) -> int:
    """Send again what was recorded since then, one delivery, or (of neither) all that has not arrived; how many.

    One that was paused goes on. Raises NotFound (unknown_webhook, unknown_delivery).
    """
    webhook, now = named(session, site, name), clock.now()
    which: ColumnElement[bool] = WebhookDelivery.state != DELIVERED
    if delivery_id is not None:
        which = WebhookDelivery.id == delivery_id
    elif since is not None:
        which = WebhookDelivery.id >= ids.first_at(since)
    again = update(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id, which)
    changed = session.scalars(
        again.values(state=WAITING, attempts=0, next_at=now, asked_at=now).returning(WebhookDelivery.id)
    ).all()
    if delivery_id is not None and not changed:
        raise NotFound("unknown_delivery", mark("This webhook was told of no such event."))
    webhook.free_at, webhook.failures, webhook.failing_since = now, 0, None
    webhook.paused_at = webhook.paused_for = None
    _note(session, webhook, "replay")
    return len(changed)


def named(session: Session, site: Site, name: str) -> Webhook:
    """The webhook of that name, locked. Raises NotFound."""
    found = find_locked(session, Webhook, Webhook.site_id == site.id, Webhook.name == name)
    if found is None:
        raise NotFound("unknown_webhook", mark("There is no webhook of this name."))
    return found


def listed(session: Session) -> list[tuple[Webhook, str, dict[str, int]]]:
    """All webhooks, the oldest first, with the keys of their sites and how many deliveries wait or were given up."""
    found = session.execute(select(Webhook, Site.key).join(Site, Site.id == Webhook.site_id).order_by(Webhook.id))
    return [
        (webhook, site_key, _not_arrived(session, WebhookDelivery.webhook_id == webhook.id))
        for webhook, site_key in found.all()
    ]


def log(session: Session, site: Site, name: str) -> Sequence[WebhookDelivery]:
    """What the webhook was told last, the newest first. Raises NotFound."""
    theirs = select(WebhookDelivery).where(WebhookDelivery.webhook_id == named(session, site, name).id)
    return session.scalars(theirs.order_by(WebhookDelivery.id.desc()).limit(MOST_IN_LOG)).all()


def gauges(session: Session) -> dict[str, float]:
    """For /metrics: deliveries that wait or were given up, and webhooks that are paused."""
    paused = session.scalar(select(func.count()).where(Webhook.paused_at.is_not(None))) or 0
    found = {state: float(number) for state, number in _not_arrived(session).items()}
    return found | {"paused": float(paused)}


def _not_arrived(session: Session, *which: ColumnElement[bool]) -> dict[str, int]:
    """How many deliveries wait, and how many were given up."""
    states = select(WebhookDelivery.state, func.count()).where(WebhookDelivery.state.in_((WAITING, DEAD)), *which)
    found = {state: int(number) for state, number in session.execute(states.group_by(WebhookDelivery.state))}
    return {WAITING: 0, DEAD: 0} | found


def _note(session: Session, webhook: Webhook, action: str) -> None:
    ledger.append(session, ledger.Entry(None, f"webhook.{action}", "webhook", webhook.id, webhook.site_id))

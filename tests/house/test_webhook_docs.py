"""What docs/webhooks.md prints for receivers does what it says."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.db import Database
from app.models import Webhook
from app.models.webhook import EVENTS
from app.webhooks import bodies, deliveries, signature
from config.settings import Settings
from tests.support import factories
from tests.support.repository import REPOSITORY

PAGE = (REPOSITORY / "docs" / "webhooks.md").read_text()
WEBHOOK = Webhook(id=7, generation=3, rotated_at=None)
BODY = '{"type":"story.opened","data":{"title":"Ferry “back”"}}'.encode()
Verify = Callable[[str, dict[str, str], bytes], Any]


def printed(language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


def in_python(secret: str, headers: dict[str, str], body: bytes) -> Any:
    names: dict[str, Any] = {}
    exec(printed("python"), names)
    return names["verified"](secret, headers, body)


def in_node(secret: str, headers: dict[str, str], body: bytes) -> Any:
    given = f"{json.dumps(secret)}, {json.dumps(headers)}, Buffer.from({json.dumps(body.hex())}, 'hex')"
    program = f"{printed('js')}\nconsole.log(JSON.stringify(verified({given})))"
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr)
    return json.loads(done.stdout)


@pytest.mark.parametrize("verify", [in_python, in_node])
def test_what_verifies_takes_ours_and_nothing_else(settings: Settings, verify: Verify) -> None:
    if verify is in_node and not shutil.which("node"):
        pytest.skip("there is no node")
    now = clock.now()
    secret, other = signature.secret(settings, WEBHOOK), signature.secret(settings, WEBHOOK, 1)
    headers = signature.headers(settings, WEBHOOK, 12, BODY, now)
    both = signature.headers(settings, Webhook(id=7, generation=4, rotated_at=now), 12, BODY, now)
    assert verify(secret, headers, BODY) == verify(secret, both, BODY) == json.loads(BODY)
    old = signature.headers(settings, WEBHOOK, 12, BODY, now - timedelta(minutes=6))
    wrong = (
        (other, headers, BODY),
        (secret, headers, BODY + b" "),
        (secret, headers | {"webhook-id": "13"}, BODY),
        (secret, headers | {"webhook-timestamp": str(int(now.timestamp()) - 1)}, BODY),
        (secret, headers | {"webhook-signature": "v1,"}, BODY),
        (secret, old, BODY),
    )
    for given in wrong:
        with pytest.raises(ValueError):  # noqa: PT011
            verify(*given)


def test_the_body_is_as_it_is_printed(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        hook = Webhook(site_id=site.id, name="cms", url="https://x.example/", events=list(EVENTS))
        hook.free_at = hook.created_at = clock.now()
        session.add(hook)
        session.flush()
        factories.comment(session, factories.story(session, site), factories.account(session))
        taken = deliveries.take(session)
        assert taken
        body = json.loads(bodies.render(session, settings, hook, taken.delivery))
    assert shape(body) == shape(json.loads(printed("json")))


def shape(of: Any) -> Any:
    """The names in it, in their order."""
    return [(name, shape(value)) for name, value in of.items()] if isinstance(of, dict) else None


def test_every_event_and_every_wait_is_printed() -> None:
    assert re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", PAGE, re.MULTILINE) == list(EVENTS)
    units = {"seconds": 1, "minutes": 60, "hours": 3600}
    waits = re.findall(r"\| (\d+) (seconds|minutes|hours)(?:, the last)? \|$", PAGE, re.MULTILINE)
    assert [timedelta(seconds=int(number) * units[unit]) for number, unit in waits] == list(deliveries.WAITS)

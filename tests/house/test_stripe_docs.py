"""What operators are told to subscribe to is what is followed, and the other way round."""

import re

from app.gateway.events import FOLLOWED
from tests.support.repository import REPOSITORY

# only thin ones are called that
THIN = {name for name in FOLLOWED if name.endswith((".entitlement_added", ".entitlement_removed"))}


def test_the_list_of_events_for_the_endpoint_is_complete_and_no_longer() -> None:
    text = (REPOSITORY / "docs" / "stripe.md").read_text(encoding="utf-8")
    (block,) = (each for each in re.findall(r"```text\n(.*?)```", text, re.DOTALL) if "invoice.paid" in each)
    assert set(block.split()) == set(FOLLOWED) - THIN

"""What is true at Stripe, as a table in this process: for proofs that need many thousand cases.

It stands in for the SDK's client and for nothing else: `gateway.client.Stripe` runs as it is, with its pages, its
errors and its check of the mode. Each request stops at a gate before Stripe reads and again before we hear what it
read, so that a schedule decides what happens in between. What is true here speaks the shapes of 2026-10-28.endive;
that those are Stripe's is shown by the simulator's contract test and by the tests over real sockets, not here.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe

from app.gateway.client import Stripe
from config.settings import Settings

Object = dict[str, Any]
Answer = tuple[list[Any], bool]
T = TypeVar("T")
# where an object keeps what a list can be asked by
PLACES = {
    ("invoices", "subscription"): ("parent", "subscription_details", "subscription"),
    ("events", "types"): ("type",),
}
CLOSED = ("canceled", "incomplete_expired")
PAGING = ("limit", "starting_after", "ending_before", "expand")


class Truth:
    """Stripe's objects by resource and id, in the order in which they came to be.

    `gate` is passed by every request, and `asked` counts them by resource.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.gate: Callable[[], None] = lambda: None
        self.resources: dict[str, dict[str, Object]] = {}
        self.asked: Counter[str] = Counter()
        self._made = 0

    def clear(self) -> None:
        """Nothing has happened yet."""
        self.resources.clear()
        self.asked.clear()
        self._made = 0

    def new_id(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}_{self._made:06d}"

    def seconds(self) -> int:
        return int(self.now().timestamp())

    def all(self, resource: str) -> dict[str, Object]:
        return self.resources.setdefault(resource, {})

    def save(self, resource: str, thing: Object) -> Object:
        self.all(resource)[thing["id"]] = thing
        return thing

    def event(self, kind: str, thing: Object) -> Object:
        """What Stripe says happened, with the object as it was at that moment."""
        return self.save(
            "events",
            {
                "id": self.new_id("evt"),
                "object": "event",
                "created": self.seconds(),
                "data": {"object": copy.deepcopy(thing)},
                "livemode": False,
                "type": kind,
            },
        )

    def notice(self, event: Object) -> Object:
        """The thin form of an event: what it is about, and no more."""
        subject = event["data"]["object"]
        return {
            "id": f"{event['id']}_thin",
            "object": "v2.core.event",
            "created": datetime.fromtimestamp(event["created"], UTC).isoformat(),
            "livemode": False,
            "related_object": {"id": subject["id"], "type": subject["object"], "url": "/not/to/be/followed"},
            "snapshot_event": event["id"],
            "type": f"v1.{event['type']}",
        }

    def client(self, settings: Settings) -> Stripe:
        """The product's own client with this table in the place of the SDK's."""
        client = Stripe(settings)
        client.__dict__["_reading_v1"] = client.__dict__["_writing_v1"] = Resources(self)
        return client


class Thing(Object):
    """An answer: like the SDK's objects it has to be asked for its dictionary."""

    def to_dict(self) -> Object:
        return copy.deepcopy(dict(self))


class Resources:
    """The SDK's `v1`, or a part of it that has resources of its own, as v1.checkout has sessions."""

    def __init__(self, truth: Truth, path: str = "") -> None:
        self._truth, self._path = truth, path

    def __getattr__(self, name: str) -> "Resources":
        return Resources(self._truth, f"{self._path}.{name}" if self._path else name)

    def retrieve(self, identifier: str, *_options: object) -> Thing:
        return self._asked(lambda: self._one(identifier))

    def create(self, facts: Object, *_options: object) -> Thing:
        """Keeps what is given under a new id, at an address of its own."""
        kind = self._path.split(".")[-1].removesuffix("s")
        made = {"id": self._truth.new_id(kind), "object": kind, "livemode": False, "url": "https://stripe.invalid/"}
        return self._asked(lambda: Thing(self._truth.save(self._path, made | facts)))

    def update(self, identifier: str, facts: Object, *_options: object) -> Thing:
        known = self._truth.all(self._path)[identifier]
        return self._asked(lambda: Thing(self._truth.save(self._path, known | facts)))

    def list(self, query: Object | str | None = None, *more: Object) -> "Page":
        """Of what belongs to another object, its id comes first, as that of a product before its features."""
        if isinstance(query, str):
            parent = self._path.split(".")[0].removesuffix("s")
            return Page(self, {parent: query} | (more[0] if more else {}))
        return Page(self, query or {})

    def page(self, query: Object) -> Answer:
        """One page, the newest first, and whether there are more."""
        return self._asked(lambda: self._page(query))

    def _asked(self, answer: Callable[[], T]) -> T:
        self._truth.gate()
        self._truth.asked[self._path] += 1
        answered = answer()
        self._truth.gate()
        return answered

    def _one(self, identifier: str) -> Thing:
        rows = self._truth.all(self._path)
        if identifier not in rows:
            missing = stripe.InvalidRequestError("none", "id", "resource_missing", http_status=404)  # type: ignore[no-untyped-call]
            raise missing
        return Thing(copy.deepcopy(rows[identifier]))

    def _page(self, query: Object) -> Answer:
        found = [row for row in reversed(self._truth.all(self._path).values()) if self._wanted(row, query)]
        ids, limit = [row["id"] for row in found], query.get("limit", 10)
        if "ending_before" in query:
            before = found[: ids.index(query["ending_before"])]
            chosen, more = before[-limit:], len(before) > limit
        else:
            start = ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0
            chosen, more = found[start : start + limit], len(found) > start + limit
        return [Thing(copy.deepcopy(row)) for row in chosen], more

    def _wanted(self, row: Object, query: Object) -> bool:
        if self._path == "subscriptions" and "status" not in query and row["status"] in CLOSED:
            return False
        return all(self._matches(row, name, value) for name, value in query.items() if name not in PAGING)

    def _matches(self, row: Object, name: str, value: Any) -> bool:
        if (self._path, name, value) == ("subscriptions", "status", "all"):
            return True
        held: Any = row
        for step in PLACES.get((self._path, name), (name,)):
            held = (held or {}).get(step)
        if name == "created":
            return bool(value.get("gte", held) <= held)
        return held in value if isinstance(value, list) else bool(held == value)


class Page:
    """One page of a list, which can go on to the next as the SDK's does."""

    def __init__(self, resource: Resources, query: Object) -> None:
        self._resource, self._query = resource, query
        self.data, self.has_more = resource.page(query)

    def auto_paging_iter(self) -> Iterator[Thing]:
        backwards = "ending_before" in self._query
        page = self
        while page.data:
            yield from reversed(page.data) if backwards else page.data
            if not page.has_more:
                return
            neighbour = {"ending_before": page.data[0]["id"]} if backwards else {"starting_after": page.data[-1]["id"]}
            page = Page(page._resource, page._query | neighbour)

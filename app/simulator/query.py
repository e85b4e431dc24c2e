"""Which objects of a kind are asked for, as conditions of the store's SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
ARRIVED = "EXISTS (SELECT 1 FROM deliveries WHERE event_id = objects.id AND state = 'delivered')"


@dataclass(frozen=True)
class Query:
    """`equal` and `among` compare JSON paths; `between` bounds `created`, by "gt", "gte", "lt" or "lte".

    `delivered` asks of events whether a webhook of theirs arrived; `after` and `before` are ids of neighbours.
    """

    equal: Mapping[str, str] = field(default_factory=dict)
    among: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    between: Mapping[str, int] = field(default_factory=dict)
    delivered: bool | None = None
    after: str | None = None
    before: str | None = None
    limit: int = 100

    def conditions(self) -> tuple[list[str], list[str | int]]:
        """All that must be true of an object, and the values for the question marks in it."""
        found, values = list[str](), list[str | int]()
        for path, wanted in self.equal.items():
            found.append(f"json_extract(body, '$.{path}') = ?")
            values.append(wanted)
        for path, choices in self.among.items():
            if choices:
                found.append(f"json_extract(body, '$.{path}') IN ({', '.join('?' * len(choices))})")
                values += choices
        for bound, moment in self.between.items():
            found.append(f"json_extract(body, '$.created') {BOUNDS[bound]} ?")
            values.append(moment)
        if self.delivered is not None:
            found.append(ARRIVED if self.delivered else f"NOT {ARRIVED}")
        for neighbour, comparison in ((self.after, "<"), (self.before, ">")):
            if neighbour:
                found.append(f"seq {comparison} (SELECT seq FROM objects WHERE id = ?)")  # noqa: S608
                values.append(neighbour)
        return found, values

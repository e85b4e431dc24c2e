"""The strikes ladder: what the points that a person upheld add up to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from app.accounts.standing import Standing
from app.models import Strike
from app.models.sanction import BAN, SUSPENSION, WARNING
from config.policy import SiteRules

RISING = (WARNING, SUSPENSION, BAN)
Source = Literal["moderator", "machine", "ladder"]
MODERATOR, MACHINE, LADDER = get_args(Source)


@dataclass(frozen=True)
class ProposedSanction:
    """A sanction that is yet to be imposed: its kind, how long it lasts (None: open), and who found it."""

    kind: str
    length: timedelta | None = None
    source: Source = MODERATOR

    @property
    def gravity(self) -> tuple[int, timedelta]:
        """Sorts sanctions: a ban over a suspension, a long one over a short one, over a warning."""
        return RISING.index(self.kind), self.length or timedelta.max


def same_as(standing: Standing, now: datetime) -> ProposedSanction | None:
    """The sanction that puts somebody where `standing` has somebody else; None where that one may write."""
    if standing.kind not in (SUSPENSION, BAN):
        return None
    return ProposedSanction(standing.kind, standing.until - now if standing.until else None)


def points_in_force(strikes: Iterable[Strike], now: datetime) -> int:
    """The points of the strikes that have neither expired nor been revoked at `now`."""
    return sum(strike.points for strike in strikes if strike.revoked_by is None and strike.expires_at > now)


def sanction_for(points: int, rules: SiteRules) -> ProposedSanction | None:
    """What the first rung from above that `points` reach asks for."""
    for rung in rules.strikes.ladder:
        if points >= rung.points:
            return ProposedSanction(rung.sanction, timedelta(days=rung.days) if rung.days else None, LADDER)
    return None


def graver(chosen: ProposedSanction | None, from_ladder: ProposedSanction | None) -> ProposedSanction | None:
    """The graver of the two; the moderator's choice where they are equal."""
    if chosen is None or from_ladder is None:
        return chosen or from_ladder
    return from_ladder if from_ladder.gravity > chosen.gravity else chosen

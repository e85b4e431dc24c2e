"""The strikes ladder: what the points that a person upheld add up to. Pure.

An episode counts once. Somebody who writes ten comments in a rage can heed nothing before they are told: so all that
they wrote before they were told of the first strike is one episode, which counts as much as its gravest strike. They
are told by the statement of reasons, which stands in their account from the moment of the decision.
"""

from collections.abc import Iterable, Sequence
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


@dataclass(frozen=True)
class Episode:
    """The strikes for what was written before its author was told, at `told_at`, of the first of them."""

    told_at: datetime
    strikes: tuple[Strike, ...]

    def points(self, now: datetime) -> int:
        """Those of the gravest strike that has not expired."""
        return max((strike.points for strike in self.strikes if strike.expires_at > now), default=0)


@dataclass(frozen=True)
class LadderStep:
    """What one more strike leads to. `added`: by how much the points in force grow. `joins`: when the author was told
    of the episode that it is part of (None: it begins one).

    `sanction` is what it leads to as the gravest of its episode. `repeats`: the episode has led to as much before, so
    there is nothing new in it; it holds for what is left since the author was told.
    """

    added: int
    joins: datetime | None
    sanction: ProposedSanction | None
    repeats: bool


def same_as(standing: Standing, now: datetime) -> ProposedSanction | None:
    """The sanction that puts somebody where `standing` has somebody else; None where that one may write."""
    if standing.kind not in (SUSPENSION, BAN):
        return None
    return ProposedSanction(standing.kind, standing.until - now if standing.until else None)


def standing_strikes(strikes: Iterable[Strike]) -> list[Strike]:
    """Those that are not revoked, in the order in which their author was told."""
    left = [strike for strike in strikes if strike.revoked_by is None]
    return sorted(left, key=lambda strike: (strike.created_at, strike.id is None, strike.id))


def episodes(strikes: Iterable[Strike]) -> list[Episode]:
    """The strikes that are not revoked, by episode. An expired one still tells how its episode began."""
    found: list[Episode] = []
    for strike in standing_strikes(strikes):
        place = next((i for i, each in enumerate(found) if strike.written_at <= each.told_at), None)
        if place is None:
            found.append(Episode(strike.created_at, (strike,)))
        else:
            found[place] = Episode(found[place].told_at, (*found[place].strikes, strike))
    return found


def points_in_force(strikes: Iterable[Strike], now: datetime) -> int:
    """The points of the strikes that have neither expired nor been revoked at `now`: of each episode, the gravest."""
    return sum(episode.points(now) for episode in episodes(strikes))


def step(before: Sequence[Strike], strike: Strike, rules: SiteRules) -> LadderStep:
    """What `strike`, of which its author is told now (`created_at`), adds to those of which they were told `before`."""
    now = strike.created_at
    own = next(episode for episode in episodes([*before, strike]) if strike in episode.strikes)
    had, has = points_in_force(before, now), points_in_force([*before, strike], now)
    others = has - own.points(now)
    sanction = sanction_for(others + strike.points, rules)
    joins = None if own.strikes[0] is strike else own.told_at
    earlier = sanction_for(had, rules)
    if joins is None or sanction is None or earlier is None or sanction.gravity > earlier.gravity:
        return LadderStep(has - had, joins, sanction, repeats=False)
    return LadderStep(has - had, joins, _since(sanction, own.told_at, now), repeats=True)


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


def _since(sanction: ProposedSanction | None, told_at: datetime, now: datetime) -> ProposedSanction | None:
    """`sanction` as if it had begun when the author was told: what is left of it."""
    if sanction is None or sanction.length is None:
        return sanction
    left = told_at + sanction.length - now
    return ProposedSanction(sanction.kind, left, sanction.source) if left > timedelta() else None

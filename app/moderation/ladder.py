"""The strikes ladder: what the points that a person upheld add up to. Pure.

An episode counts once. Somebody who writes ten comments in a rage can heed nothing before they are told: so all that
they wrote before they were told of the first strike is one episode, which counts as much as its gravest strike. They
are told by the statement of reasons, which stands in their account from the moment of the decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, get_args

from app.accounts.standing import Standing
from app.models import Strike
from app.models.sanction import BAN, SUSPENSION, WARNING
from config.rules import SiteRules

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
    """The strikes for what was written before its author was told of the first of them, which was at `told_at`."""

    strikes: tuple[Strike, ...]

    @property
    def told_at(self) -> datetime:
        """When their author was told of the first."""
        return self.strikes[0].created_at

    @property
    def points(self) -> int:
        """Those of the gravest."""
        return max(strike.points for strike in self.strikes)


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


def episodes(strikes: Iterable[Strike], now: datetime) -> list[Episode]:
    """The strikes that have neither expired nor been revoked at `now`, by episode: so that they count the least.

    That is as a rule the plain order of events. But a strike that falls must never make the others count for more, and
    it could, if who was told by it alone were taken to have been told by the next one.
    """
    return list(_least(tuple(strike for strike in standing_strikes(strikes) if strike.expires_at > now)))


def points_in_force(strikes: Iterable[Strike], now: datetime) -> int:
    """The points of the strikes that have neither expired nor been revoked at `now`: of each episode, the gravest."""
    return _points(episodes(strikes, now))


def step(before: Sequence[Strike], strike: Strike, rules: SiteRules) -> LadderStep:
    """What `strike`, of which its author is told now (`created_at`), adds to those of which they were told `before`."""
    now = strike.created_at
    with_it = episodes([*before, strike], now)
    own = next(episode for episode in with_it if strike in episode.strikes)
    had, has = points_in_force(before, now), _points(with_it)
    others = has - own.points
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


def _points(found: Iterable[Episode]) -> int:
    return sum(episode.points for episode in found)


def _least(strikes: tuple[Strike, ...]) -> tuple[Episode, ...]:
    """The episodes of `strikes` (in the order of telling) that count the least.

    Whichever moment is that of the gravest one's episode, all that was written before it and told from it on belongs to
    that episode for nothing, and what is left lies before it or after it.
    """

    @cache
    def least(left: tuple[Strike, ...]) -> tuple[Episode, ...]:
        if not left:
            return ()
        gravest = max(left, key=lambda strike: strike.points)
        found: list[tuple[Episode, ...]] = []
        for moment in sorted({strike.created_at for strike in left}):
            if gravest.written_at <= moment <= gravest.created_at:
                earlier = tuple(strike for strike in left if strike.created_at < moment)
                own = tuple(strike for strike in left if strike.written_at <= moment <= strike.created_at)
                later = tuple(strike for strike in left if strike.written_at > moment)
                found.append((*least(earlier), Episode(own), *least(later)))
        return min(found, key=_points)

    return least(strikes)


def _since(sanction: ProposedSanction | None, told_at: datetime, now: datetime) -> ProposedSanction | None:
    """`sanction` as if it had begun when the author was told: what is left of it."""
    if sanction is None or sanction.length is None:
        return sanction
    left = told_at + sanction.length - now
    return ProposedSanction(sanction.kind, left, sanction.source) if left > timedelta() else None

"""Reads and checks policy.toml: the rules as typed data, immutable and passed as arguments.

There are two types of them. `HouseRules` are what the house alone decides. Whatever a newspaper may decide for itself
can only be read from `SiteRules`, which `HouseRules.at` makes of the file and of what the site has laid over it. So
nobody can go by the house's thresholds, ladder or due times where a site has its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from config.origins import is_address
from config.rules import ATTRIBUTES, HouseLimits, Retention, SiteRules

ACKNOWLEDGEMENT = "I have read GDPR Art. 22 and take responsibility for bans made by a machine"
AUTO_BAN_GONE = (
    'machine.auto_ban: there is no such key any more; write severe = "suspend" instead of auto_ban = "propose" '
    '(or the milder "suspend_on_repeat" or "withhold"), and severe = "ban" instead of auto_ban = "enforce"'
)
# an event that Stripe still lists and that is forgotten here would be taken for a new one
STRIPE_LISTS_DAYS = 30
RANGES = {
    # renewals take an hour, so a lease is never nothing; and who does not pay, or is not heard of, must not write for
    # ever
    "entitlement.lease_days": (1, 31),
    "entitlement.past_due_grace_days": (0, 21),
    "house.minimum_age": (0, 21),
    # among fewer readers sides come about by chance, and one reader's reaction could be told from what is found
    "common_ground.readers": (50, 100_000),
    "common_ground.each_side": (3, 1_000),
}


class BadPolicy(ValueError):
    """The policy cannot be used; the message names the file, the key and the reason."""


@dataclass(frozen=True, eq=False)
class HouseRules:
    """What the house alone decides, and the way to the rules of each of its sites.

    `address` is where readers reach the house (BTL_PUBLIC_URL), which it tells them where it says how to appeal, and
    `zone` the time zone in which it tells them times (BTL_TIME_ZONE).
    """

    _written: SiteRules
    address: str = ""
    zone: tzinfo = UTC
    # by a site's overrides as JSON; there are as many as sites, and the few that they had before
    _at_sites: dict[bytes, SiteRules] = field(init=False, default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """What readers call the house."""
        return self._written.house.name

    @property
    def language(self) -> str:
        """What it speaks to whoever has no language of their own here (app.language)."""
        return self._written.house.language

    @property
    def rules_version(self) -> str:
        """The rules that readers accept once for all sites; they accept them anew when this changes."""
        return self._written.house.rules_version

    @property
    def minimum_age(self) -> int:
        """How old whoever signs up says they are, in years; 0: nobody is asked."""
        return self._written.house.minimum_age

    @property
    def limits(self) -> HouseLimits:
        """Limits of what happens at no site."""
        return self._written.limits

    @property
    def retention(self) -> Retention:
        """For how many days personal data is kept."""
        return self._written.retention

    def at(self, overrides: Mapping[str, Any]) -> SiteRules:
        """The rules that hold at a site with these overrides (`Site.policy`), each parsed once.

        Raises BadPolicy if what comes of them is no policy.
        """
        key = msgspec.json.encode(overrides, order="sorted")
        known = self._at_sites.get(key)
        if known is None:
            known = parse(_merged(msgspec.to_builtins(self._written), overrides), "the site's policy")
            self._at_sites[key] = known
        return known


def load(path: Path, address: str = "", zone: tzinfo = UTC) -> HouseRules:
    """Read the policy file of the house at `address`; raises BadPolicy with the file, the key and the reason."""
    try:
        return HouseRules(parse(tomllib.loads(path.read_text()), str(path)), address, zone)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPolicy(f"{path}: {error}") from error


def parse(document: Mapping[str, Any], where: str) -> SiteRules:
    """The rules in a document of policy.toml's shape; raises BadPolicy."""
    machine = document.get("machine")
    if isinstance(machine, Mapping) and "auto_ban" in machine:
        raise BadPolicy(f"{where}: {AUTO_BAN_GONE}")
    try:
        rules = msgspec.convert(document, SiteRules)
    except msgspec.ValidationError as error:
        raise BadPolicy(f"{where}: {error}") from error
    for complaint in _complaints(rules):
        raise BadPolicy(f"{where}: {complaint}")
    return rules


def _complaints(rules: SiteRules) -> list[str]:
    """What types cannot say."""
    ids = [rule.id for rule in rules.rules]
    rungs = [rung.points for rung in rules.strikes.ladder]
    found = []
    if not ids or len(set(ids)) < len(ids):
        found.append("rules: each needs an id of its own, and there must be one")
    for name in sorted(set(rules.thresholds) ^ set(ATTRIBUTES)):
        found.append(f"thresholds.{name}: one table for each of {', '.join(ATTRIBUTES)}")
    for name, threshold in rules.thresholds.items():
        if not 0 < threshold.nudge <= threshold.hold <= threshold.severe:
            found.append(f"thresholds.{name}: must rise from nudge over hold to severe, above 0")
    if not 0 <= rules.second_opinion.share <= 1:
        found.append("second_opinion.share: from 0 (no comment) to 1 (every comment)")
    for name in ATTRIBUTES:
        if rules.machine.rules.get(name) not in ids:
            found.append(f"machine.rules.{name}: must name a rule")
    if rules.machine.severe == "ban" and rules.machine.acknowledgement != ACKNOWLEDGEMENT:
        found.append(f'machine.acknowledgement: severe = "ban" needs the sentence "{ACKNOWLEDGEMENT}"')
    if rungs != sorted(set(rungs), reverse=True):
        found.append("strikes.ladder: points must fall from rung to rung")
    for rung in rules.strikes.ladder:
        if (rung.sanction == "suspension") != (rung.days is not None and rung.days > 0):
            found.append(f"strikes.ladder: the rung at {rung.points} points: a suspension has days, nothing else has")
    if rules.retention.stripe_events_days < STRIPE_LISTS_DAYS:
        found.append(
            f"retention.stripe_events_days: Stripe lists events for {STRIPE_LISTS_DAYS} days, so at least that"
        )
    for key, (least, most) in RANGES.items():
        if not least <= attrgetter(key)(rules) <= most:
            found.append(f"{key}: from {least} to {most}")
    if rules.sso.log_in and not is_address(rules.sso.log_in):
        found.append("sso.log_in: an address of a page, as https://www.paper.example/login")
    for part in (rules.limits, rules.due, rules.retention, rules.appeals):
        for name, value in msgspec.structs.asdict(part).items():
            if value is not None and value < 1:
                found.append(f"{type(part).__name__.lower()}.{name}: must be at least 1")
    return found


def _merged(base: Any, over: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(over, Mapping)):
        return over
    return base | {key: _merged(base.get(key), value) for key, value in over.items()}

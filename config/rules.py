"""The rules as typed data, a struct for each table of policy.toml: immutable and passed as arguments."""

from typing import Literal

import msgspec

ATTRIBUTES = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the policy file: immutable, every key required, no other allowed."""


class House(Part, frozen=True):
    """What the house is called, the language that it speaks, the day of the rules that readers accept, and how old they
    say they are in doing so (in years; 0: nobody asks).
    """

    name: str
    rules_version: str
    language: Literal["en", "de"] = "en"
    minimum_age: int = 0


class Rule(Part, frozen=True):
    """What readers must keep to. `category` is one of the DSA Transparency Database, `harm` the weight in the queue's
    order, `points` what a strike for it counts.
    """

    id: str
    title: str
    text: str
    category: str
    harm: float
    points: int


class Threshold(Part, frozen=True):
    """Probabilities from which something follows; one over 1 never does."""

    nudge: float
    hold: float
    severe: float


class SecondOpinion(Part, frozen=True):
    """`share`, 0 to 1, of the comments is shown to a second scorer: those that the first is least sure of."""

    share: float


class Machine(Part, frozen=True):
    """What the machine may do alone. `rules` says which rule a score breaks, by attribute.

    `severe`: what becomes of an account whose comment is withheld as severe. The comment waits for a moderator anyway.
    `unread`: what becomes of a comment of which a part is in a language that the scorer does not read.
    """

    severe: Literal["withhold", "suspend_on_repeat", "suspend", "ban"]
    unread: Literal["publish", "hold"]
    acknowledgement: str
    suspension_hours: int
    rules: dict[str, str]


class Rung(Part, frozen=True):
    """From how many points of strikes in force a sanction follows; `days` is how long a suspension lasts."""

    points: int
    sanction: Literal["warning", "suspension", "ban"]
    days: int | None = None


class Strikes(Part, frozen=True):
    """For how many days a strike counts, and what its points lead to, the gravest rung first."""

    decay_days: int
    ladder: tuple[Rung, ...]


class HouseLimits(Part, frozen=True):
    """Limits of what happens at no site: an account, its name, an address that calls."""

    name_change_days: int
    sign_ups_per_hour: int
    log_ins_per_minute: int
    requests_per_minute: int


class Limits(HouseLimits, frozen=True):
    """Limits of what happens at a site, with those of the house. How many of something there may be is per account.

    For `repeat_seconds` the same text is refused; for `edit_minutes` a comment can be edited; `depth_shown` is how deep
    replies are nested.
    """

    comment_characters: int
    report_note_characters: int
    posts_per_minute: int
    posts_per_day: int
    reports_per_hour: int
    reactions_per_minute: int
    repeat_seconds: int
    edit_minutes: int
    depth_shown: int


class Due(Part, frozen=True):
    """For what is severe, and for each kind of item (app.kinds) that is to have another time than it brings."""

    severe_hours: int
    comment_hours: int | None = None
    account_hours: int | None = None
    appeal_hours: int | None = None
    notice_hours: int | None = None
    payment_hours: int | None = None


class Appeals(Part, frozen=True):
    """For how many days a statement of reasons can be appealed against."""

    days: int


class Entitlement(Part, frozen=True):
    """For how many days what Stripe said last is believed, and writing goes on after a payment failed.

    `paper_entitles`: who is signed in by the paper's own site writes for as long as that says so.
    """

    lease_days: int
    past_due_grace_days: int
    trial_writes: bool
    paper_entitles: bool = False


class Sso(Part, frozen=True):
    """Of readers who are signed in at the paper's own site: where they sign in there ("": no button leads there), and
    whether it has had every mailbox confirmed before it vouches for it.
    """

    log_in: str = ""
    mailboxes_verified: bool = False


class CommonGround(Part, frozen=True):
    """Comments that readers who usually disagree both respect: whether they are sought, by the reactions of how many
    readers at least, and how many of each side must respect one.
    """

    enabled: bool = False
    readers: int = 100
    each_side: int = 5


class Payments(Part, frozen=True):
    """`names`: display names are free, or those that agree with the payer's get a badge, or they are required to."""

    names: Literal["free", "badge", "required"]


class Retention(Part, frozen=True):
    """For how many days it is kept what docs/personal-data.md says."""

    letters_days: int
    stripe_events_days: int
    quarantine_days: int
    notices_days: int
    suggested_scores_days: int
    webhooks_days: int
    reactions_days: int = 365


class SiteRules(Part, frozen=True):
    """The rules that hold at a site: the whole of policy.toml, with what the site has laid over it."""

    house: House
    rules: tuple[Rule, ...]
    thresholds: dict[str, Threshold]
    second_opinion: SecondOpinion
    machine: Machine
    strikes: Strikes
    limits: Limits
    due: Due
    appeals: Appeals
    entitlement: Entitlement
    payments: Payments
    retention: Retention
    sso: Sso = Sso()
    common_ground: CommonGround = CommonGround()

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

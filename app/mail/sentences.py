"""What letters say, by kind. They never quote what somebody typed: our mail must not carry a stranger's words."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app import formats
from app.language import _, mark
from app.models import Letter
from app.models.letter import (
    ALREADY_REGISTERED,
    APPEAL_ANSWERED,
    BANNED_SIGN_UP,
    LINK,
    LINK_MOVED_AWAY,
    LINK_MOVED_HERE,
    NEWS,
    NOTICE_DISMISSED,
    NOTICE_RECEIVED,
    NOTICE_UPHELD,
    PAID_TWICE_ENDED,
    PAID_TWICE_OWED,
    PAID_TWICE_REFUNDED,
    PASSWORD_CHANGED,
    PAYMENT_DUE,
    RESET,
    STATEMENT,
    SUBSCRIPTION_CANCELLED,
    SUBSCRIPTION_ENDED,
    SUBSCRIPTION_ENDS,
    SUBSCRIPTION_OWED,
    SUBSCRIPTION_REFUNDED,
    VERIFY,
)
from config.settings import Settings


@dataclass(frozen=True)
class Message:
    """A letter in words, ready to be sent."""

    id: int
    subject: str
    text: str
    # where its reader ends letters of this kind by one click (RFC 8058); "" where they cannot
    unsubscribe: str = ""


SENTENCES = {
    VERIFY: (
        mark("Please confirm your e-mail address"),
        mark(
            "Somebody, we hope you, has signed up to comment at %(house)s with this address.\n\n"
            "To confirm it, open this page within three days:\n%(url)s/verify?token=%(secret)s\n\n"
            "If it was not you, do nothing."
        ),
    ),
    ALREADY_REGISTERED: (
        mark("You already have an account"),
        mark(
            "Somebody, perhaps you, has tried to sign up at %(house)s with this address. It has an account already.\n\n"
            "Sign in: %(url)s/sign-in\nSet a new password: %(url)s/forgot\n\n"
            "If it was not you, do nothing."
        ),
    ),
    BANNED_SIGN_UP: (
        mark("No new account"),
        mark(
            "Somebody, perhaps you, has tried to sign up at %(house)s with this address. The right to comment of its "
            "account has been withdrawn or suspended, and that holds for new accounts as well.\n\n"
            "Sign in to that account to read the reasons and how to appeal: %(url)s/sign-in"
        ),
    ),
    RESET: (
        mark("Set a new password"),
        mark(
            "Somebody, we hope you, has asked for a new password for your account at %(house)s.\n\n"
            "To set one, open this page within a day. It also signs you in:\n%(url)s/reset?token=%(secret)s\n\n"
            "If it was not you, do nothing: the old one stays."
        ),
    ),
    PASSWORD_CHANGED: (
        mark("Your password has been changed"),
        mark(
            "The password of your account at %(house)s has been changed, and all other sessions have ended.\n\n"
            "If it was not you, set a new one at once: %(url)s/forgot"
        ),
    ),
    LINK: (
        mark("Is this your subscription?"),
        mark(
            "Somebody, we hope you, pays for a subscription with this address and would like to comment at %(house)s "
            "with it.\n\n"
            "If it was you, sign in to the account from which you asked, and open this page within a day:\n"
            "%(url)s/subscription/confirm?token=%(secret)s\n\n"
            "If it was not you, do nothing: your subscription stays as it is."
        ),
    ),
    LINK_MOVED_HERE: (
        mark("Your subscription is linked"),
        mark(
            "You have asked %(house)s for a subscription that was linked to another account. A moderator has looked at "
            "it, and it is linked to yours now.\n\nYour subscription: %(url)s/subscription"
        ),
    ),
    LINK_MOVED_AWAY: (
        mark("A subscription is not linked to your account any more"),
        mark(
            "Another reader of %(house)s has shown that a subscription is theirs which was linked to your account. A "
            "moderator has looked at both, and it is linked to the other account now. Nothing was charged or "
            "given back.\n\n"
            "If you think that this is wrong, please write to us. What you may do: %(url)s/subscription"
        ),
    ),
    STATEMENT: (
        mark("A decision about your contribution"),
        mark(
            "%(house)s has taken a decision that concerns you. Read what was decided, why, and how to appeal:\n"
            "%(url)s/statements/%(statement_id)s"
        ),
    ),
    APPEAL_ANSWERED: (
        mark("Your appeal has been answered"),
        mark("%(house)s has answered your appeal. Read the answer:\n%(url)s/statements/%(statement_id)s"),
    ),
    NEWS: (
        mark("News from the comments at %(house)s"),
        mark(
            "%(news)s\n\n"
            "Choose what you have letters about: %(url)s/account/letters\n"
            "No more letters like this one: %(unsubscribe)s"
        ),
    ),
    NOTICE_RECEIVED: (
        mark("We have received your notice"),
        mark(
            "Somebody, we hope you, has told %(house)s with this address that a comment is illegal. We have received "
            "the notice, and a moderator will look at it.\n\n"
            "What becomes of it: %(url)s/notices/%(receipt)s\n\n"
            "If it was not you, do nothing."
        ),
    ),
    NOTICE_UPHELD: (
        mark("We have acted on your notice"),
        mark(
            "%(house)s has decided on the comment that you told us is illegal, and has acted on it. A person decided "
            "this, no software.\n\n"
            "What was decided, and why: %(url)s/notices/%(receipt)s\n\n"
            "If you think that this is not enough, please write to us. An out-of-court dispute body and the courts are "
            "open to you as well."
        ),
    ),
    NOTICE_DISMISSED: (
        mark("We have decided on your notice"),
        mark(
            "%(house)s has looked at the comment that you told us is illegal, and found no reason to act. A person "
            "decided this, no software.\n\n"
            "The reasons: %(url)s/notices/%(receipt)s\n\n"
            "If you think that this is wrong, please write to us. An out-of-court dispute body and the courts are open "
            "to you as well."
        ),
    ),
    PAYMENT_DUE: (
        mark("A payment for your subscription needs you"),
        mark(
            "A payment for your subscription at %(house)s did not go through. Either your bank declined it, or it "
            "wants you to confirm it first.\n\n"
            "Open this page to see how you pay, to change it, and to pay what is due:\n%(url)s/subscription\n\n"
            "If you have paid meanwhile, you need do nothing."
        ),
    ),
    SUBSCRIPTION_CANCELLED: (
        mark("Your subscription is cancelled"),
        mark(
            "We have received the cancellation of your subscription at %(house)s on %(at)s.\n\n"
            "It runs until %(until)s and does not renew, so no further period will be charged. Until then you may "
            "comment as before, and afterwards you can go on reading.\n\n"
            "Please keep this letter as your receipt. To take the cancellation back, manage your subscription: "
            "%(url)s/subscription"
        ),
    ),
    PAID_TWICE_REFUNDED: (
        mark("Your second subscription has ended"),
        mark(
            "You were paying %(house)s twice for the same. The subscription that you bought later has ended, as was "
            "asked for, and the earlier one goes on as it was.\n\n"
            "%(amount)s, what you had paid twice, goes back to how you paid. It may take some days to arrive.\n\n"
            "Your subscription: %(url)s/subscription"
        ),
    ),
    PAID_TWICE_ENDED: (
        mark("Your second subscription has ended"),
        mark(
            "You were paying %(house)s twice for the same. The subscription that you bought later has ended, as was "
            "asked for, and the earlier one goes on as it was. There was nothing left to give back.\n\n"
            "Your subscription: %(url)s/subscription"
        ),
    ),
    PAID_TWICE_OWED: (
        mark("Your second subscription has ended"),
        mark(
            "You were paying %(house)s twice for the same. The subscription that you bought later has ended, as was "
            "asked for, and the earlier one goes on as it was.\n\n"
            "You are owed %(amount)s, what you had paid twice. It could not be sent back by itself, so somebody is "
            "looking after it. If you hear nothing within two weeks, please write to us.\n\n"
            "Your subscription: %(url)s/subscription"
        ),
    ),
    SUBSCRIPTION_ENDS: (
        mark("Your subscription will end"),
        mark(
            "Your right to comment at %(house)s has been withdrawn, and two of its moderators have decided to end your "
            "subscription as well. It runs until %(day)s, as you have paid for it, and does not renew. Nothing more "
            "will be charged for it.\n\n"
            "The reasons for the ban, and how to appeal: %(url)s/account\nYour subscription: %(url)s/subscription"
        ),
    ),
    SUBSCRIPTION_ENDED: (
        mark("Your subscription has ended"),
        mark(
            "Your right to comment at %(house)s has been withdrawn, and two of its moderators have decided to end your "
            "subscription as well. It has ended now. Nothing more will be charged for it, and no paid time was left "
            "over.\n\n"
            "The reasons for the ban, and how to appeal: %(url)s/account\nYour subscription: %(url)s/subscription"
        ),
    ),
    SUBSCRIPTION_REFUNDED: (
        mark("Your subscription has ended"),
        mark(
            "Your right to comment at %(house)s has been withdrawn, and two of its moderators have decided to end your "
            "subscription as well. It has ended now. Nothing more will be charged for it.\n\n"
            "%(amount)s, the part that you had paid for and not used, goes back to how you paid. It may take some "
            "days to arrive.\n\n"
            "The reasons for the ban, and how to appeal: %(url)s/account\nYour subscription: %(url)s/subscription"
        ),
    ),
    SUBSCRIPTION_OWED: (
        mark("Your subscription has ended"),
        mark(
            "Your right to comment at %(house)s has been withdrawn, and two of its moderators have decided to end your "
            "subscription as well. It has ended now. Nothing more will be charged for it.\n\n"
            "You are owed %(amount)s, the part that you had paid for and not used. It could not be sent back by "
            "itself, so somebody is looking after it. If you hear nothing within two weeks, please write to us.\n\n"
            "The reasons for the ban, and how to appeal: %(url)s/account\nYour subscription: %(url)s/subscription"
        ),
    ),
}


def compose(letter: Letter, settings: Settings, house: str, words: dict[str, str]) -> Message:
    """`letter` in the language in force, from the newspaper `house`. `words` are what is known only when it leaves: the
    one-time token of kinds that carry one ("secret"); of news what there is, and how to end them ("news",
    "unsubscribe").
    """
    subject, text = SENTENCES[letter.kind]
    known = {"house": house, "url": settings.public_url, **letter.parameters, **words}
    if "day" in known:
        known["day"] = formats.day(date.fromisoformat(known["day"]))
    for name in ("at", "until"):
        if name in known:
            known[name] = formats.moment_and_zone(datetime.fromisoformat(known[name]).astimezone(settings.zone))
    if "amount" in known:
        known["amount"] = formats.money(Decimal(known["amount"]), known["currency"])
    body = _(text, **known) + "\n\n-- \n" + house + "\n"
    return Message(letter.id, words.get("subject") or _(subject, **known), body, words.get("unsubscribe", ""))

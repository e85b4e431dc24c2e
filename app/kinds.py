"""Every kind of item in the moderators' queue, in the order of its tabs: a new one is a line here."""

import app.accounts.queue_kind
import app.comments.queue_kind
import app.terminations.queue_kind
from app.moderation.queue_kinds import APPEALS, NOTICES
from app.review_queue import kinds

KINDS = (
    app.comments.queue_kind.KIND,
    app.accounts.queue_kind.KIND,
    app.accounts.queue_kind.OLD_BANS,
    APPEALS,
    NOTICES,
    # who pays, and the ends of subscriptions
    app.terminations.queue_kind.KIND,
)

kinds.use(KINDS)

"""One file per table. Importing this package registers them all."""

from app.models.account import Account
from app.models.api_key import ApiKey
from app.models.api_key_day import ApiKeyDay
from app.models.appeal import Appeal
from app.models.assessment import Assessment
from app.models.attempts import Attempts
from app.models.base import Model
from app.models.charge import Charge
from app.models.comment import Comment, Revision
from app.models.customer import Customer
from app.models.decision import Decision
from app.models.earlier_name import EarlierName
from app.models.ended_session import EndedSession
from app.models.follow import Follow
from app.models.grant import Grant
from app.models.imported_row import ImportedRow
from app.models.item import Item
from app.models.job import Job
from app.models.known_place import KnownPlace
from app.models.ledger_entry import LedgerEntry
from app.models.letter import Letter
from app.models.letter_choice import LetterChoice
from app.models.login import Login
from app.models.mute import Mute
from app.models.notice import Notice
from app.models.notification import Notification
from app.models.one_time_token import OneTimeToken
from app.models.paper_entitlement import PaperEntitlement
from app.models.payment_case import PaymentCase
from app.models.reaction import Reaction
from app.models.report import Report
from app.models.role import Role
from app.models.sanction import Sanction
from app.models.section import Section
from app.models.server_key import ServerKey
from app.models.site import Site
from app.models.spent_token import SpentToken
from app.models.statement import Statement
from app.models.story import Story
from app.models.story_author import StoryAuthor
from app.models.strike import Strike
from app.models.stripe_cursor import StripeCursor
from app.models.stripe_event import StripeEvent
from app.models.stripe_sync import StripeSync
from app.models.stripe_throttle import StripeThrottle
from app.models.subscription import Subscription
from app.models.suggested_score import SuggestedScore
from app.models.termination import Termination
from app.models.trait import Trait
from app.models.webhook import Webhook
from app.models.webhook_delivery import WebhookDelivery

__all__ = [
    "Account",
    "ApiKey",
    "ApiKeyDay",
    "Appeal",
    "Assessment",
    "Attempts",
    "Charge",
    "Comment",
    "Customer",
    "Decision",
    "EarlierName",
    "EndedSession",
    "Follow",
    "Grant",
    "ImportedRow",
    "Item",
    "Job",
    "KnownPlace",
    "LedgerEntry",
    "Letter",
    "LetterChoice",
    "Login",
    "Model",
    "Mute",
    "Notice",
    "Notification",
    "OneTimeToken",
    "PaperEntitlement",
    "PaymentCase",
    "Reaction",
    "Report",
    "Revision",
    "Role",
    "Sanction",
    "Section",
    "ServerKey",
    "Site",
    "SpentToken",
    "Statement",
    "Story",
    "StoryAuthor",
    "Strike",
    "StripeCursor",
    "StripeEvent",
    "StripeSync",
    "StripeThrottle",
    "Subscription",
    "SuggestedScore",
    "Termination",
    "Trait",
    "Webhook",
    "WebhookDelivery",
]

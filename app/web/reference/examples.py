"""Examples of what is sent and answered, made from a schema: so they are never behind it.

What a field holds is said by its name, here, or where it is declared (`msgspec.Meta(examples=…)`).
"""

from typing import Any

Schema = dict[str, Any]

ID = "116498300149760001"
TEXT = "A point of *view*."
TREE = [{"kind": "paragraph", "content": ["A point of ", {"kind": "em", "content": ["view"]}, "."]}]
# of what may be null, what is not so in most answers
SELDOM_NULL = frozenset(
    (
        "author",
        "html",
        "tree",
        "story",
        "comment",
        "account",
        "actor",
        "item_id",
        "statement_id",
        "accepted",
        "me",
        "own",
        "token",
        "expires_in",
    )
)
# by schema and field, or by field alone. What a request need not say is in its example where it has a line of the first
# kind.
WORDS: dict[str, Any] = {
    "name": "Ada Brook",
    "email": "ada@example.com",
    "password": "harbour-demo",
    "new_password": "four words of rope",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmVk",
    "token_type": "Bearer",
    "expires_in": 3600,
    "text": TEXT,
    "html": "<p>A point of <em>view</em>.</p>",
    "tree": TREE,
    "language": "en",
    "story": "2026/harbour/fish-dock-vote",
    "key": "2026/harbour/fish-dock-vote",
    "keys": "2026/harbour/fish-dock-vote,harbour-plan",
    "site": "gazette",
    "section": "harbour",
    "Origin": "http://localhost:8001",
    "BTL-Embed": "1",
    "url": "http://localhost:8001/2026/harbour/fish-dock-vote",
    "title": "Council backs £48m plan to turn Fish Dock into homes and a market hall",
    "story_title": "Council backs £48m plan to turn Fish Dock into homes and a market hall",
    "permalink": f"http://127.0.0.1:8000/comments/{ID}",
    "state": "published",
    "rule": "respect",
    "rules_version": "1",
    "reason": "It names a person, not a point.",
    "note": "It is the third time.",
    "explanation": "It says of a named person that they stole, which a court has found to be untrue.",
    "sentence": "Everyone reads it.",
    "action": "remove",
    "method": "at_period_end",
    "subscription": "sub_1QExample",
    "status": "active",
    "subject_type": "comment",
    "type": "comment",
    "outcome": "received",
    "receipt": "b3Jhbmdl-cmVjZWlwdA",
    "browser": "c29tZXRoaW5nIHJhbmRvbQ",
    "confirmation_token": "ctoken_1QExample",
    "good_faith": True,
    "letters": {"reply": "at_once", "mention": "daily", "follow": "never"},
    "counts": {"2026/harbour/fish-dock-vote": 31},
    "revision": 1,
    "code": "active",
    "step": "none",
    "rules": {"respect": 2},
    "signals": {"toxicity": 0.41},
    "comments": {"published": 12, "removed": 1},
    "consequences": {"respect": {"remove": ["comment_removed", "warning"]}},
    "may_write": True,
    "verified": True,
    "open": True,
    "allowed": True,
    "respected": True,
    "read": False,
    "comment_count": 31,
    "editable_until": "2026-11-30T09:45:00Z",
    "comment_characters": 5000,
    "note_characters": 1000,
    "edit_minutes": 15,
    "reaction_days": 365,
    "opens": "07:00",
    "closes": "22:00",
    "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "restrictions": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "roles": [],
    "message": "",
    "finding": "possible_return",
    "reasons": ["reported"],
    "kind": "comment",
    "account": ID,
    "comment": ID,
    "since": ID,
    "current": "1",
    "accepted": "1",
    "id": ID,
    "Accepted.state": "letter_sent",
    "CommentView.depth": 0,
    "DecisionView.rule": "respect",
    "Decide.reason": "It names a person, not a point.",
    "Decide.rule": "respect",
    "EntitlementView.reason": "active",
    "ItemLine.state": "open",
    "ItemDetail.state": "open",
    "Me.sentence": "",
    "MarkRead.story": "2026/harbour/fish-dock-vote",
    "MarkRead.comments": [ID],
    "Node.kind": "paragraph",
    "NotificationView.kind": "reply",
    "NotificationView.sentence": "Bill Tarrant has answered you.",
    "NotificationView.url": f"http://127.0.0.1:8000/notifications/{ID}",
    "FollowedView.sentence": "2 new comments.",
    "PutLetters.letters": {"reply": "daily"},
    "PutSection.state": "premoderated",
    "PutStory.message": "Tell us what you saw.",
    "ReportView.outcome": "open",
    "RuleView.id": "respect",
    "RuleView.title": "Argue with the point, not the person",
    "RuleView.text": "Say what is wrong with an argument. Leave out what you think of whoever made it.",
    "SignUp.password": "four words of rope",
    "SignUp.rules_version": "1",
    "UseReset.password": "four words of rope",
    "Credentials.email": "subscriber@example.com",
    "EditComment.text": "A better point of *view*.",
    "FileAppeal.text": "The comment quotes a court, and names nobody.",
    "GiveGrant.reason": "A guest of the week.",
    "GrantView.reason": "A guest of the week.",
    "ProposeTermination.reason": "They pay for what they may not do any more.",
    "Why.reason": "It is within the rules.",
    "StandingView.kind": "good",
    "SectionView.key": "harbour",
    "SectionView.state": "premoderated",
    "StoryView.state": "open",
    "StoryView.slow_seconds": 0,
    "StoryView.pick_count": 0,
    "ThreadView.sort": "newest",
    "SubscriptionView.id": "sub_1QExample",
    "TerminationView.state": "proposed",
    "WaitingView.state": "held",
    "WaitingView.reason": "held",
    "WaitingView.sentence": "A moderator reads it before others do. Usually that takes about 2 hours.",
}
MOMENT = "2026-11-30T09:30:00Z"
MOMENTS = frozenset({"until", "since", "appeal_until", "applies_from"})
OF_TYPE = {"integer": 1, "number": 0.5, "boolean": False}
_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict}


def of(schema: Schema, schemas: dict[str, Schema], field: str = "", *, asked: bool = False) -> Any:
    """An example of what a schema describes, such as a field of that name. `asked`: of a request, which says no more
    than it needs to.
    """
    return _Example(schemas, asked).value(schema, field, ())


class _Example:
    """One that is being made."""

    def __init__(self, schemas: dict[str, Schema], asked: bool) -> None:
        self.schemas, self.asked = schemas, asked

    def value(self, schema: Schema, field: str, within: tuple[str, ...]) -> Any:
        """`within`: the names of the schemas around it."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.fields(self.schemas[name], (*within, name))
        said = self.said(schema, field, within)
        if said is not None:
            return said
        if choices := [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]:
            is_empty = len(choices) < len(schema["anyOf"]) and field not in SELDOM_NULL
            return None if is_empty else self.value(choices[0], field, within)
        return self.by_type(schema, field, within)

    def fields(self, schema: Schema, within: tuple[str, ...]) -> dict[str, Any]:
        needed = schema.get("required", [])
        return {
            field: self.value(property_, field, within)
            for field, property_ in schema["properties"].items()
            if not self.asked or field in needed or f"{within[-1]}.{field}" in WORDS
        }

    def said(self, schema: Schema, field: str, within: tuple[str, ...]) -> Any:
        """What stands in the table, if it is of the kind that the schema wants."""
        if examples := schema.get("examples"):
            return examples[0]
        own = WORDS.get(f"{within[-1]}.{field}") if within else None
        kind = schema.get("type", "")
        if own is not None or "enum" in schema or "$ref" in schema.get("items", {}):
            return own
        return WORDS[field] if kind and isinstance(WORDS.get(field), _TYPES[kind]) else None

    def by_type(self, schema: Schema, field: str, within: tuple[str, ...]) -> Any:
        if schema.get("type") == "array":
            is_round = schema["items"].get("$ref", "").rpartition("/")[2] in within
            return [] if is_round else [self.value(schema["items"], field, within)]
        if "default" in schema:
            return schema["default"]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "string":
            return MOMENT if field.endswith("_at") or field in MOMENTS else ID
        return OF_TYPE.get(schema.get("type", ""), {})

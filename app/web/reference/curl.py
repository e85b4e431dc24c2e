"""Operations of the document as commands for a shell, which work as printed on the demo.

What differs from day to day, such as the id of a comment, is a variable; the first of the commands set them.
"""

import json
import re
from typing import Any

Part = dict[str, Any]
_PART = re.compile(r"\{(\w+)\}")
_SAID = re.compile(r'"(\$[A-Z]+)"')

BEGIN = """\
API={address}/api/v1
STORY=2026/harbour/fish-dock-vote
field() {{ python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }}
token() {{
  curl -s $API/tokens -H 'Content-Type: application/json' \\
    -d '{{"email": "'$1'", "password": "harbour-demo"}}' | field "['token']"
}}
TOKEN=$(token subscriber@example.com)
STAFF=$(token administrator@example.com)
RULES=$(curl -s $API/me -H "Authorization: Bearer $TOKEN" | field "['rules']['current']")
URL=$(curl -s $API/stories/$STORY | field "['url']")
PAPER=${{URL%/$STORY}}
COMMENT=$(curl -s "$API/stories/$STORY/comments?sort=oldest" | field "['comments'][0]['id']")
ACCOUNT=$(curl -s $API/comments/$COMMENT | field "['comment']['author']['id']")
"""
# by subject, what its commands need beside that
BEFORE = {
    "Statements and appeals": """\
WARNED=$(token warned@example.com)
SANCTION=   # the number in the address of the button on their page /account
SANCTIONED=$(token acknowledged@example.com)
STATEMENT=$(curl -s $API/me/statements -H "Authorization: Bearer $SANCTIONED" | field "[0]['id']")
""",
    "The desk": """\
ITEM=$(curl -s "$API/items?kind=comment" -H "Authorization: Bearer $STAFF" | field "['items'][0]['id']")
REVISION=$(curl -s $API/items/$ITEM -H "Authorization: Bearer $STAFF" | field "['revision']")
READER=$(curl -s $API/me -H "Authorization: Bearer $(token suspended@example.com)" | field "['id']")
BANNED=$(curl -s $API/me -H "Authorization: Bearer $(token banned@example.com)" | field "['id']")
UNTIL=$(python3 -c "import time; print(time.strftime('%FT%TZ', time.gmtime(time.time() + 1e6)))")
""",
}
# what an answer is good for afterwards: the variable, and where it stands
KEEPS = {
    "post_comment": ("MINE", "['id']"),
    "file_notice": ("RECEIPT", "['receipt']"),
    "decide": ("DECISION", "['id']"),
    "give_grant": ("GRANT", "['id']"),
    "list_terminations": ("SUBSCRIPTION", "['subscriptions'][0]['id']"),
}
# where the token is neither that of some reader nor of staff
WHOSE = {
    "acknowledge_warning": "$WARNED",
    "show_own_statements": "$SANCTIONED",
    "show_statement": "$SANCTIONED",
    "file_appeal": "$SANCTIONED",
    # who is not needed any more
    "end_sessions": "$(token grace@example.com)",
    "change_password": "$(token refunded@example.com)",
    "erase_account": "$(token lapsed@example.com)",
}
# where a part of an address, or a field, is not what its name says
MEANS = {
    "edit_comment": {"comment": "MINE"},
    "delete_comment": {"comment": "MINE"},
    "show_own_text": {"comment": "MINE"},
    "lift": {"account": "READER"},
    "list_terminations": {"account": "BANNED"},
    "propose_termination": {"account": "BANNED"},
    "verify_account": {"token": "LETTER"},
    "use_reset": {"token": "LETTER"},
    "exchange_token": {"token": "SAID"},
    "create_account": {"rules_version": "RULES"},
    "accept_rules": {"rules_version": "RULES"},
    "decide": {"revision": "REVISION"},
    "give_grant": {"until": "UNTIL"},
    "put_story": {"url": "URL"},
}
# of headers
SENT = {"Origin": "$PAPER"}
VARIABLE = frozenset({"account", "comment", "subscription"})
NUMBERS = frozenset({"$REVISION"})
# is asked though it need not be
ASKED = frozenset({"keys"})
# is said as it is
PLAIN = {"site": "gazette", "section": "harbour"}


def of(method: str, path: str, operation: Part) -> str:
    """The command that asks it."""
    variable, place = KEEPS.get(operation["operationId"], ("", ""))
    how = "" if method == "get" else f" -X {method.upper()}"
    words = [f"curl{' -s' if variable else ''}{how} {_address(path, operation)}"]
    if operation.get("security"):
        words.append(f'-H "Authorization: Bearer {_token(operation)}"')
    headers = [each for each in operation["parameters"] if each["in"] == "header"]
    words += [f'-H "{each["name"]}: {SENT.get(each["name"], each["example"])}"' for each in headers]
    if "requestBody" in operation:
        words.append("-H 'Content-Type: application/json'")
        words.append(f"-d '{_body(operation)}'")
    command = " \\\n  ".join(words)
    return f'{variable}=$({command} |\n  field "{place}")' if variable else command


def _token(operation: Part) -> str:
    """Whose token it takes."""
    staff = operation["tags"][0] in ("The desk", "Stories")
    return WHOSE.get(operation["operationId"], "$STAFF" if staff else "$TOKEN")


def _address(path: str, operation: Part) -> str:
    means = MEANS.get(operation["operationId"], {})

    def named(part: re.Match[str]) -> str:
        return PLAIN.get(part[1]) or f"${means.get(part[1], part[1].upper())}"

    asked = [each for each in operation["parameters"] if each["required"] or each["name"] in ASKED]
    query = "&".join(
        f"{each['name']}={'$ACCOUNT' if each['name'] in VARIABLE else each['example']}"
        for each in asked
        if each["in"] == "query"
    )
    address = "$API" + _PART.sub(named, path.removeprefix("/api/v1"))
    return f'"{address}?{query}"' if query else address


def _body(operation: Part) -> str:
    """The example in JSON, for a shell between single quotes."""
    example = operation["requestBody"]["content"]["application/json"]["example"]
    means = MEANS.get(operation["operationId"], {})
    said = {
        name: f"${means.get(name, name.upper())}" if name in VARIABLE or name in means else value
        for name, value in example.items()
    }
    text = json.dumps(said, ensure_ascii=False).replace("'", "'\\''")
    return _SAID.sub(lambda place: f"'{place[1]}'" if place[1] in NUMBERS else f"\"'{place[1]}'\"", text)

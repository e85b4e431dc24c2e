"""The commands of the page /api as somebody types them into a shell, one after the other, and what is answered."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.web.reference import curl
from app.web.reference.page import Operation, chapters_of

# their curl keeps each answer and its status. Each asks from an address of its own, as nobody types all at once: a
# person who signs in for each would be told to wait
SHELL = """\
curl() {
  command curl -sS --interface $FROM -o $ANSWER -w '%{stderr}%{http_code}\\n' "$@" 2>$ANSWER.status
  cat $ANSWER
}
"""


@dataclass(frozen=True)
class Answered:
    """What an operation of the document answered to its command."""

    operation: Operation
    status: int
    body: bytes

    @property
    def name(self) -> str:
        """What the document calls the operation."""
        return str(self.operation.said["operationId"])

    def schema(self, document: dict[str, Any]) -> dict[str, Any] | None:
        """What the document says of such an answer; None where it is without a body."""
        content = self.operation.said["responses"].get(str(self.status), {}).get("content", {})
        if "application/json" not in content:
            return None
        return {**content["application/json"]["schema"], "components": document["components"]}


def document_of(address: str) -> dict[str, Any]:
    """The document that a server gives."""
    with urllib.request.urlopen(f"{address}/api/v1/openapi.json") as answer:
        return dict(json.load(answer))


def typed(document: dict[str, Any], address: str, folder: Path) -> Iterator[Answered]:
    """What becomes of all commands, in the order of the page."""
    operations = [operation for chapter in chapters_of(document) for operation in chapter.operations]
    lines = [SHELL, "FROM=127.0.0.1 ANSWER=begin", curl.BEGIN.format(address=address)]
    for number, chapter in enumerate(chapters_of(document)):
        lines += [f"FROM=127.0.1.{number + 1} ANSWER=before", chapter.before]
        for place, operation in enumerate(chapter.operations):
            name = operation.said["operationId"]
            lines += [f"FROM=127.0.{number + 2}.{place + 1} ANSWER={name}", operation.command]
    run = subprocess.run(["bash", "-c", "\n".join(lines)], cwd=folder, env=os.environ, capture_output=True, text=True)
    for operation in operations:
        answer = folder / str(operation.said["operationId"])
        body = answer.read_bytes() if answer.exists() else run.stderr.encode()
        status = answer.with_suffix(".status")
        yield Answered(operation, int(status.read_text()[-4:]) if status.exists() else 0, body)

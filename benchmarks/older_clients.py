"""Tries the older clients of Google's API that PyPI has, each once and in an environment of its own, and prints what
works when they are made as docs/perspective.md prints it. It needs PyPI, and ends with 1 if nothing of a client works.
Run: python -m benchmarks.older_clients
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.perspective import keys
from benchmarks.serving import fresh, serving
from tests.support.printed import printed

RUDE, KIND = "You stupid idiot!", "Thank you, that was helpful."


@dataclass(frozen=True)
class Client:
    """One of them. `calls` are tried, each an expression."""

    package: str
    calls: Mapping[str, str]
    # what it needs and does not say
    forgotten: tuple[str, ...] = ()


CLIENTS = (
    Client(
        "perspective==1.0.3",
        {
            "score": 'client.score(RUDE)["TOXICITY"] > 0.8 > client.score(KIND)["TOXICITY"]',
            "score of several": 'set(client.score(RUDE, tests=["INSULT", "THREAT"])) == {"INSULT", "THREAT"}',
            "analyze_comment with all options": """client.analyze_comment(
                RUDE, comment_type="HTML", context=[{"text": KIND, "type": "PLAIN_TEXT"}], span_annotations=True,
                requested_attributes={"TOXICITY": {"scoreThreshold": 0.1}}, languages=["en"], do_not_store=True,
                client_token="7", session_id="s", community_id="c")["clientToken"] == "7\"""",
            "suggest_score": 'client.suggest_score(RUDE, {"TOXICITY": {"summaryScore": {"value": 1.0}}}) is not None',
        },
    ),
    Client(
        "PyPerspective==1.0.4",
        {
            "get_score": 'client.get_score(RUDE)["TOXICITY"].score > 0.8 > client.get_score(KIND)["TOXICITY"].score',
            "spans": 'str(client.get_score(RUDE)["TOXICITY"][0]) == RUDE',
            "get_score of several": 'len(client.get_score(RUDE, tests=["INSULT", "THREAT"]).attributes) == 2',
            "a bad key is noticed": 'refused(lambda: PyPerspective.Perspective.Perspective("no")) == "InvalidAuthKey"',
            "an error is told": 'refused(lambda: client.get_score(RUDE, tests="FLIRTATION")) == "ApiException"',
        },
    ),
    Client(
        "pyspective==0.0.2",
        {
            "score of one attribute": 'client.score(RUDE, "toxicity")["TOXICITY"] > 0.8',
            "score of all that it knows": "len(client.score(RUDE)) > 5",
            "suggest": 'client.suggest(RUDE, 1.0) == "Successed"',
        },
        forgotten=("requests",),
    ),
    Client(
        "perspective.py==0.3.4",
        {
            "analyze": 'client.analyze(RUDE)["TOXICITY"] > 80 > client.analyze(KIND)["TOXICITY"]',
            "analyze one attribute": 'set(client.analyze(RUDE, ["INSULT"])) == {"INSULT"}',
            "analyze in a language": 'client.analyze(RUDE, ["TOXICITY"], "English")["TOXICITY"] > 80',
            "return_raw": 'client.analyze(RUDE, ["TOXICITY"], return_raw=True)["languages"] == ["en"]',
            "an unread language is told": 'refused(lambda: client.analyze("Ciao.", ["TOXICITY"], "Italian"))'
            ' == "UnsupportedLanguage"',
        },
    ),
)

# what becomes of each call: True, False, or the error
PROGRAM = """
import json, os
KEY, RUDE, KIND, CALLS = json.loads(os.environ["TRIED"])
def refused(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
{made}
for name, call in CALLS.items():
    try:
        print(json.dumps([name, eval(call) or "another answer"]))
    except Exception as error:
        print(json.dumps([name, f"{{type(error).__name__}}: {{error}}"[:100]]))
"""


def main() -> list[str]:
    """Try each, print what works, and return those of which nothing does."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="btl-clients-") as name:
        folder = Path(name)
        database = fresh(f"sqlite:///{folder / 'clients.db'}")
        with serving(database, folder) as server:
            with database.transaction() as session:
                key = keys.create(session, server.settings, "older clients", 1000, 10_000)
            _googles, *made = printed("perspective.md", "python", server.address)
            for client, lines in zip(CLIENTS, made, strict=True):
                results = _tried(client, lines, folder / client.package, key)
                print(f"{client.package}: {sum(said is True for said in results.values())} of {len(client.calls)} work")
                print("".join(f"  {call}: {said}\n" for call, said in results.items() if said is not True), end="")
                if True not in results.values():
                    failed.append(client.package)
        database.close()
    return failed


def _tried(client: Client, made: str, folder: Path, key: str) -> dict[str, object]:
    """What became of each of its calls, after the lines by which it is made."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", client.package, *client.forgotten]
    subprocess.run([python, *install], check=True)
    done = subprocess.run(
        [python, "-c", PROGRAM.format(made=made)],
        env=os.environ | {"TRIED": json.dumps([key, RUDE, KIND, dict(client.calls)])},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return {"before any call": done.stderr.strip().rpartition("\n")[2]}
    return dict(json.loads(line) for line in done.stdout.splitlines())


if __name__ == "__main__":
    sys.exit("\n".join(main()) or 0)

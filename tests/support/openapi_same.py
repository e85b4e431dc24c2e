"""Whether two OpenAPI documents say the same, but for schemas that lose the path of their module from their names.

    python -m tests.support.openapi_same OLD NEW

OLD and NEW are documents in JSON, or checkouts that make theirs. Prints every difference, and what was renamed; exits
with 1 if there is a difference. A route of the old document may name a schema without the path that its name has in the
list of schemas, and so lead nowhere: that schema is found by the last part of its name.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAKE = """
import importlib, json, pkgutil
import app.web
for module in pkgutil.walk_packages(app.web.__path__, "app.web."):
    importlib.import_module(module.name)
from app.web.reference.document import document
from config import policy, settings
print(json.dumps(document(policy.load(settings.POLICY).at({}).limits)))
"""
SCHEMAS = "#/components/schemas/"


def load(place: Path) -> dict[str, Any]:
    """The document in a file, or of a checkout."""
    if place.is_dir():
        run = subprocess.run([sys.executable, "-c", MAKE], cwd=place, check=True, capture_output=True, text=True)
        return dict(json.loads(run.stdout))
    return dict(json.loads(place.read_text()))


@dataclass
class Comparison:
    """What was found on the way through two documents."""

    old: dict[str, Any]
    new: dict[str, Any]
    # {a schema's name in the old document: the one in the new}
    names: dict[str, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    # references of the old document that lead nowhere, with those of the new in their place
    nowhere: set[tuple[str, str]] = field(default_factory=set)

    @property
    def renamed(self) -> dict[str, str]:
        """The schemas that bear another name."""
        return {old: new for old, new in self.names.items() if old != new}

    def values(self, old: Any, new: Any, where: str) -> None:
        """Compare what stands at one place of both documents."""
        if isinstance(old, dict) and isinstance(new, dict):
            for key in sorted(old.keys() | new.keys()):
                if key not in old or key not in new:
                    self.differences.append(f"{where}/{key} is only in the {'new' if key in new else 'old'} one")
                elif key == "$ref" and str(old[key]).startswith(SCHEMAS):
                    self.schemas(old[key].removeprefix(SCHEMAS), new[key].removeprefix(SCHEMAS), where)
                else:
                    self.values(old[key], new[key], f"{where}/{key}")
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for place, (one, other) in enumerate(zip(old, new, strict=True)):
                self.values(one, other, f"{where}/{place}")
        elif old != new:
            self.differences.append(f"{where}: {json.dumps(old)} became {json.dumps(new)}")

    def schemas(self, old: str, new: str, where: str) -> None:
        """Compare two schemas that stand for one another, each pair once."""
        if old not in _names(self.old):
            self.nowhere.add((old, new))
            return
        if old in self.names:
            if self.names[old] != new:
                self.differences.append(f"{where}: {old} is {self.names[old]} elsewhere, and {new} here")
            return
        if new in self.names.values():
            self.differences.append(f"{where}: {new} stands for another schema too")
        if old != new and "." not in old:
            self.differences.append(f"{where}: {old} became {new}")
        self.names[old] = new
        self.values(_schema(self.old, old), _schema(self.new, new), f"{SCHEMAS}{new}")


def compare(old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    """All that differs: first what the routes lead to, then the schemas that none of them names."""
    found = Comparison(old, new)
    found.values(_without_schemas(old), _without_schemas(new), "")
    for name in sorted(_names(old) - found.names.keys()):
        if _bare(name) in _names(new):
            found.schemas(name, _bare(name), SCHEMAS)
        else:
            found.differences.append(f"{SCHEMAS}{name} is only in the old one")
    added = sorted(_names(new) - set(found.names.values()))
    found.differences += [f"{SCHEMAS}{name} is only in the new one" for name in added]
    stands_for = {after: _bare(before) for before, after in found.names.items()}
    astray = [(before, after) for before, after in sorted(found.nowhere) if stands_for.get(after) != before]
    found.differences += [f"{before} led nowhere, and {after} is another schema" for before, after in astray]
    return found


def _without_schemas(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "components": {**document["components"], "schemas": {}}}


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _names(document: dict[str, Any]) -> set[str]:
    return set(document["components"]["schemas"])


def _schema(document: dict[str, Any], name: str) -> Any:
    """A schema without its title, where that is but its name again."""
    schema = dict(document["components"]["schemas"].get(name, {}))
    if schema.get("title") == _bare(name):
        del schema["title"]
    return schema


def main() -> int:
    """Compare what the command line names."""
    old, new = (load(Path(place)) for place in sys.argv[1:])
    found = compare(old, new)
    for before, after in sorted(found.renamed.items()):
        print(f"renamed: {before} is {after}")
    for before, after in sorted(found.nowhere):
        print(f"mended: {before} led nowhere, and is {after}")
    for difference in found.differences:
        print(f"differs: {difference}")
    routes = sum(len(methods) for methods in new["paths"].values())
    print(f"{len(found.differences)} differences in {routes} routes and {len(_names(new))} schemas")
    return 1 if found.differences else 0


if __name__ == "__main__":
    sys.exit(main())

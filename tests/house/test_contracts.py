"""The rules of the house that a program can check."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from flask import Flask

from app.accounts.permissions import PERMISSIONS
from app.web.endpoint import ENDPOINTS
from config.settings import FOR_TESTS, VARIABLES
from tests.support.repository import REPOSITORY

SOURCES = [path for folder in ("app", "config") for path in (REPOSITORY / folder).rglob("*.py")]


def test_every_route_is_in_a_row_of_the_permissions_table(app: Flask) -> None:
    declared = {(endpoint.path, endpoint.method) for endpoint in ENDPOINTS}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert rule.endpoint == "static" or (rule.rule, method) in declared, f"{method} {rule} is undeclared"
    for endpoint in ENDPOINTS:
        assert endpoint.action in PERMISSIONS, f"{endpoint.path}: {endpoint.action} is in no row"


def test_every_row_of_the_permissions_table_is_used(app: Flask) -> None:
    used = {endpoint.action for endpoint in ENDPOINTS} | {"reply"}  # a post with a parent
    assert set(PERMISSIONS) - used == set()


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`((?:BTL|STRIPE)_\w+)`", (REPOSITORY / "docs/settings.md").read_text()))
    assert documented == VARIABLES | FOR_TESTS


def contract(name: str) -> dict[str, Any]:
    pyproject = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    (found,) = (part for part in pyproject["tool"]["importlinter"]["contracts"] if part["id"] == name)
    return dict(found)


def modules_of(package: str) -> set[str]:
    """The modules and packages that lie in the folder of `package`."""
    folder = REPOSITORY / package.replace(".", "/")
    inside = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    return {f"{package}.{name}" for name in inside - {"__init__"}}


def placed(name: str) -> set[str]:
    return {module for layer in contract(name)["layers"] for module in layer.split(" | ")}


def test_every_package_has_its_place_in_every_contract_that_names_them_all() -> None:
    packages = modules_of("app")
    assert placed("layers") == packages | {"config"}
    assert placed("web") == modules_of("app.web")
    know_http = {"app.web", "app.serving", "app.simulator", "app.demo"}
    assert set(contract("http")["source_modules"]) == packages - know_http | {"config"}
    assert set(contract("simulator")["forbidden_modules"]) == packages - {"app.simulator", "app.clock"}


def test_every_package_is_drawn() -> None:
    drawn = set(re.findall(r"\bapp\.\w+", (REPOSITORY / "docs/architecture.md").read_text()))
    assert modules_of("app") <= drawn


def test_the_style_sheet_serves_either_direction_of_writing() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", (REPOSITORY / "app/web/static/house.css").read_text(), flags=re.DOTALL)
    physical = r"[\w-]*\b(?:left|right)\b[\w-]*|(?:margin|padding|border|inset)-(?:top|bottom)[\w-]*|(?:top|bottom)"
    assert re.findall(rf"(?:^|[;{{\s])((?:{physical})\s*:|[\w-]+:\s*(?:left|right)\b)", sheet) == []
    sides = re.findall(
        r"(?:padding|margin|inset|border-width):\s*([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+)\s*[;}]", sheet
    )
    assert [four for four in sides if four[1] != four[3]] == []


def test_packages_are_flat_but_for_the_audiences_of_the_web() -> None:
    for path in SOURCES:
        parts = path.relative_to(REPOSITORY).parts
        assert len(parts) <= (4 if parts[:2] == ("app", "web") else 3), path


def test_only_the_transaction_commits() -> None:
    for path in SOURCES:
        if path.name != "db.py" and "simulator" not in path.parts:
            assert not re.search(r"\.(commit|rollback)\(\)", path.read_text()), path


def test_the_time_comes_from_the_clock_alone() -> None:
    for path in SOURCES:
        if path.name != "clock.py":
            assert not re.search(r"datetime\.now\(|utcnow\(|date\.today\(", path.read_text()), path


def test_nobody_is_sanctioned_but_by_a_ruling_which_writes_the_statement_of_reasons() -> None:
    for path in SOURCES:
        # what remains of a sanction has the statement of the ruling that it softens
        if path.name not in ("remainder.py", "rulings.py", "sanctions.py"):
            assert not re.search(r"\bimpose\(|\bSanction\(\n? *id=", path.read_text()), path


def test_no_tracked_file_names_a_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True)
    if tracked.returncode:  # an exported copy without its history
        tracked = subprocess.CompletedProcess([], 0, "\0".join(str(path) for path in SOURCES))
    for name in filter(None, tracked.stdout.split("\0")):
        path = REPOSITORY / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".html", ".css", ".yml"} and path != Path(__file__):
            assert not re.search(r"(^|[\s\"'(])/(work|root|farm)/", path.read_text()), name

"""What a long command shows of how far it is."""

import io
import sys

import pytest

from app.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told() -> None:
    with Progress() as progress:
        for done in (0, 1, 4):
            progress.tell("fit", done, 4)
        progress.tell("fit", 1, 4)
        progress.tell("customers", 7)
        progress.tell("customers", 1207)


def test_a_terminal_sees_a_bar_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    told()
    first, second, customers = (line for line in terminal.getvalue().split("\n")[:-1])
    assert "fit" in first
    assert "100%" in first
    assert "25%" in second
    assert "100%" not in second
    assert "customers" in customers
    assert "1207" in customers


def test_elsewhere_only_the_names_of_the_parts_appear(capsys: pytest.CaptureFixture[str]) -> None:
    told()
    out, err = capsys.readouterr()
    assert (out, err) == ("", "fit\nfit\ncustomers\n")

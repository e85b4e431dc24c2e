"""What the program needs, and where it goes without: a library without a wheel for a machine is not asked for there."""

import tomllib

import pytest
from packaging.requirements import Requirement

from tests.support.repository import REPOSITORY

LINUX, MAC = {"sys_platform": "linux"}, {"sys_platform": "darwin"}
X86, ARM = {"platform_machine": "x86_64"}, {"platform_machine": "arm64"}


def wanted(machine: dict[str, str]) -> set[str]:
    """The libraries that pip installs on such a machine."""
    listed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["dependencies"]
    asked = map(Requirement, listed)
    on = {"python_version": "3.12"} | machine
    return {each.name for each in asked if each.marker is None or each.marker.evaluate(on)}


@pytest.mark.parametrize(
    ("machine", "missing"),
    [
        (LINUX | X86, set()),
        (LINUX | {"platform_machine": "aarch64"}, {"pycld2", "pysqlite3"}),
        (MAC | ARM, set()),
        (MAC | X86, {"pysqlite3", "pycld2", "onnxruntime"}),
        ({"sys_platform": "win32", "platform_machine": "AMD64"}, set()),
    ],
    ids=["Linux", "Linux on ARM", "Mac", "Intel Mac", "Windows"],
)
def test_each_machine_is_spared_what_has_no_wheel_for_it(machine: dict[str, str], missing: set[str]) -> None:
    assert wanted(LINUX | X86) - wanted(machine) == missing

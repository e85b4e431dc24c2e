"""Whether what docs/deploy offers can be read by the programs that it is for."""

import os
import re
import shutil
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support import required
from tests.support.processes import free_port
from tests.support.repository import REPOSITORY
from tests.support.stripe_world import eventually

DEPLOY = REPOSITORY / "docs/deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
# servers lie where only root looks, and linters beside our Python
PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", str(Path(sys.executable).parent)])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files, where a test may complete them."""
    return Path(shutil.copytree(DEPLOY, tmp_path / "deploy"))


def program(name: str) -> str:
    """Where it lies."""
    found = shutil.which(name, path=PATH)
    if found is None:
        required.skip("deploy", f"no {name}")
    return found


def read(*command: str | Path, folder: Path) -> None:
    """Let a program read a file, which must find nothing to say against it."""
    given = {"PATH": PATH, "HOME": str(folder), "BTL_HOST": "comments.example", "POSTGRES_PASSWORD": "x"}
    found = program(str(command[0]))
    done = subprocess.run([found, *command[1:]], cwd=folder, env=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_reads_the_units(unit: Path, copy: Path) -> None:
    text = (copy / unit.name).read_text()
    # systemd asks whether the program is there, and its user need not be on this machine
    here = text.replace("/opt/below-the-line/.venv/bin/btl", sys.executable)
    (copy / unit.name).write_text(here.replace("User=below-the-line", "User=nobody"))
    read("systemd-analyze", "verify", "--man=no", copy / unit.name, folder=copy)


def test_the_units_differ_in_what_they_run_alone() -> None:
    web, worker = (unit.read_text().splitlines() for unit in UNITS)
    different = {
        line.partition("=")[0] for pair in zip(web, worker, strict=True) if pair[0] != pair[1] for line in pair
    }
    assert {name for name in different if not name.startswith("#")} == {"Description", "ExecStart", "TimeoutStopSec"}


def test_nginx_reads_its_site(copy: Path) -> None:
    certificate = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=comments.example")
    read("openssl", *certificate, "-keyout", "key.pem", "-out", "certificate.pem", folder=copy)
    site = (copy / "nginx.conf").read_text().replace("/etc/letsencrypt/live/comments.example/privkey.pem", "key.pem")
    (copy / "nginx.conf").write_text(
        site.replace("/etc/letsencrypt/live/comments.example/fullchain.pem", "certificate.pem")
    )
    (copy / "all.conf").write_text("pid nginx.pid; error_log stderr; events {} http { include nginx.conf; }\n")
    read("nginx", "-t", "-q", "-p", copy, "-c", copy / "all.conf", folder=copy)


def test_caddy_reads_its_file(copy: Path) -> None:
    read("caddy", "validate", "--config", copy / "Caddyfile", "--adapter", "caddyfile", folder=copy)


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_proxy_lets_nobody_at_what_is_measured(copy: Path, proxy: str) -> None:
    port = free_port()
    if proxy == "nginx":
        site = re.sub(r"listen .*443 ssl;|ssl_certificate.*;", "", (copy / "nginx.conf").read_text())
        site = site.replace("127.0.0.1:8000", "127.0.0.1:9")
        inside = site.partition("server {\n    listen 80")[0].replace("server_name", f"listen {port};\nserver_name", 1)
        (copy / "all.conf").write_text(
            f"daemon off; pid nginx.pid; error_log stderr; events {{}} http {{ access_log off; {inside} }}\n"
        )
        command = [program("nginx"), "-q", "-p", str(copy), "-c", str(copy / "all.conf")]
    else:
        (copy / "Caddyfile").write_text("{\nadmin off\n}\n" + (copy / "Caddyfile").read_text())
        command = [program("caddy"), "run", "--config", str(copy / "Caddyfile"), "--adapter", "caddyfile"]
    given = {"PATH": PATH, "HOME": str(copy), "BTL_HOST": f"http://127.0.0.1:{port}", "BTL_UPSTREAM": "127.0.0.1:9"}
    with (copy / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=copy, env=given, stdout=log, stderr=log)
    try:
        # which asks a program that is not there
        eventually(lambda: answers(port, "/rules") == 502, seconds=30)
        closed = answers(port, "/metrics")
        assert closed in (403, 404)
        assert {answers(port, path) for path in ("/metrics/", "//metrics/", "/%6detrics/", "/metrics?a")} == {closed}
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(port: int, path: str) -> int | None:
    """The status, None if nobody listens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()


def test_the_image_is_written_as_images_should_be(copy: Path) -> None:
    read("hadolint", copy / "Containerfile", folder=copy)


def test_the_image_is_given_all_that_is_installed() -> None:
    """What `pip install .` packs, which another test installs into an empty environment."""
    text = (DEPLOY / "Containerfile").read_text()
    copied = {word.rstrip("/") for line in text.splitlines() if line.startswith("COPY") for word in line.split()[1:-1]}
    folders = {"app", "config", "migrations", "licenses"}
    assert copied == folders | {"pyproject.toml", "constraints.txt", "README.md", "NOTICE", "wsgi.py"}
    assert all((REPOSITORY / name).exists() for name in copied)


def test_compose_reads_its_file(copy: Path) -> None:
    (copy / "below-the-line.env").touch()
    read("docker-compose", "-f", copy / "compose.yaml", "config", "--quiet", folder=copy)

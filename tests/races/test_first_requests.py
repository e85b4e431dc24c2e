"""The first requests of a process come at the same moment, and it lives: what msgspec must learn of a shape, which it
does not one thread at a time, it has learnt before there are threads.
"""

import os
import subprocess
import sys

import pytest

from config.settings import Settings
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of

# names each shape whose annotations msgspec still has to read when the first request comes
STILL_TO_LEARN = """
import sys
from contextlib import suppress
import msgspec
from app import installation
from app.web.application import create_app
from app.web.endpoint import ENDPOINTS
from config.settings import Settings

create_app(installation.of(Settings.from_env()))
shapes = {shape for each in ENDPOINTS for shape in (each.takes, each.asks) if shape}
read = []

def watch(frame, event, _argument):
    if event == "call" and frame.f_code.co_name == "get_class_annotations":
        read.append(str(frame.f_locals.get("obj")))

class Fresh(msgspec.Struct):
    number: int

sys.setprofile(watch)
for shape in {*shapes, Fresh}:
    with suppress(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=shape)
sys.setprofile(None)
print(len(shapes) > 40, read)
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_all_shapes_are_learnt_before_the_first_request(settings: Settings) -> None:
    command, environment = [sys.executable, "-c", STILL_TO_LEARN], os.environ | environment_of(settings)
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.stdout == "True [\"<class '__main__.Fresh'>\"]\n", done.stdout + done.stderr[-2000:]

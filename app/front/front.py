"""The front: takes requests from granian (RSGI), and gives an application those that are whole."""

import asyncio
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from typing import IO, TypeVar

import structlog
from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

from app import addresses
from app.errors import Broken, Busy, Refusal, Unfinished
from app.front import answer, body, environ
from app.front.answer import Application
from app.front.endings import Endings
from app.front.environ import Environ
from app.front.lane import Lane
from app.front.room import RETRY_SECONDS, Place, Room
from app.front.watch import watched
from app.language import DEFAULT, use

log = structlog.get_logger()
T = TypeVar("T")
Count = Callable[[str, int], None]

MOST_BUFFERED_BYTES = 64 * 1024 * 1024
# granian opens a file at once, and does not tell when it has
OPENED_SECONDS = 30

_whose = lru_cache(maxsize=4096)(addresses.whose)


class Front:
    """`application` behind it; the first of `lanes` that fits takes a request, the last one whatever comes.

    `proxies` of ours stand in front of it and say in X-Forwarded-For who asks. `count` is told the method and the
    status of each answer that the front gives by itself, in `language`; `ending` is done after the last one.
    """

    def __init__(
        self,
        application: Application,
        lanes: Sequence[Lane],
        proxies: int = 0,
        count: Count = lambda _method, _status: None,
        ending: Callable[[], None] = lambda: None,
        language: str = DEFAULT,
    ) -> None:
        self._application = application
        self._ending = ending
        self._lanes = lanes
        self._proxies = proxies
        self._count = count
        self._language = language
        self._buffer = Room(MOST_BUFFERED_BYTES)
        self._endings = Endings()

    def __rsgi_init__(self, _loop: asyncio.AbstractEventLoop) -> None:
        for lane in self._lanes:
            lane.threads.start()

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        for lane in self._lanes:
            lane.threads.stop()
        self._ending()

    async def __rsgi__(self, scope: Scope, proto: HTTPProtocol) -> None:
        """Answer one request."""
        try:
            await self._answer(scope, proto)
        except Refusal as refusal:
            log.info("refused by the front", status=refusal.status, problem=refusal.code)
            self._refuse(scope.method, proto, refusal)
        except body.Gone:
            self._refuse(scope.method, proto, Unfinished())  # which nobody hears
        except asyncio.CancelledError:  # gave way, or has left
            self._refuse(scope.method, proto, Busy(retry_after=RETRY_SECONDS))

    def _refuse(self, method: str, proto: HTTPProtocol, refusal: Refusal) -> None:
        self._count(method, refusal.status)
        with use(self._language):
            answer.refused(refusal).send(proto)

    async def _answer(self, scope: Scope, proto: HTTPProtocol) -> None:
        self._endings.do()
        asked = environ.of(scope)
        lane = self._lane(asked)
        task = asyncio.current_task()
        assert task is not None
        place = Place(self._owner(asked), task)
        lane.places.take(place, 1)
        try:
            await _add_body(asked, proto, lane.largest, partial(self._keep, place))
            file = await self._worked(asked, proto, lane, place)
        finally:
            self._leave(lane, place)
        if file is not None:
            asyncio.get_running_loop().call_later(OPENED_SECONDS, file.close)

    async def _worked(self, asked: Environ, proto: HTTPProtocol, lane: Lane, place: Place) -> IO[bytes] | None:
        """Have a thread of `lane` answer, as soon as there is one; the file that is to be closed later."""
        done: asyncio.Future[IO[bytes] | None] = asyncio.get_running_loop().create_future()

        def work() -> None:
            if place.keep():
                file = self._work(asked, proto)
                self._endings.add(lambda: self._end(lane, place, done, file))

        self._endings.expect()
        caller = lane.caller(asked) or place.owner
        if lane.threads.do(caller, work):
            return await done
        try:
            with watched(place, proto):
                return await done
        finally:
            lane.threads.withdraw(caller, work)

    def _work(self, asked: Environ, proto: HTTPProtocol) -> IO[bytes] | None:
        """Have the application answer, in a thread; the file that is to be closed later."""
        try:
            made = answer.of(self._application, asked)
            made.send(proto)
        except BaseException as error:  # whatever it is, somebody waits for an answer
            log.error("the application broke", error=type(error).__name__)
            with suppress(BaseException):  # granian answers 500 if that cannot be sent either
                self._refuse(asked["REQUEST_METHOD"], proto, Broken())
            return None
        return made.file

    def _end(self, lane: Lane, place: Place, done: "asyncio.Future[T]", made: T) -> None:
        self._leave(lane, place)
        if not done.done():
            done.set_result(made)

    def _keep(self, place: Place, size: int) -> None:
        self._endings.do()
        self._buffer.take(place, size)

    def _leave(self, lane: Lane, place: Place) -> None:
        self._buffer.leave(place)
        lane.places.leave(place)

    def _lane(self, asked: Environ) -> Lane:
        method = asked["REQUEST_METHOD"]
        line = f"{'GET' if method == 'HEAD' else method} {asked['PATH_INFO']}"
        return next((lane for lane in self._lanes if lane.asked.fullmatch(line)), self._lanes[-1])

    def _owner(self, asked: Environ) -> str:
        """Whose a place is: of whom our proxies say it is, or of the peer."""
        forwarded = asked.get("HTTP_X_FORWARDED_FOR", "").split(",") if self._proxies else []
        if 0 < self._proxies <= len(forwarded):
            return _whose(forwarded[-self._proxies])
        return _whose(asked["REMOTE_ADDR"])


async def _add_body(asked: Environ, proto: HTTPProtocol, largest: int, buffer: Callable[[int], None]) -> None:
    length = environ.length(asked)
    try:
        whole = b"" if length == 0 else await body.read(proto, length, largest, buffer)
    except body.Oversize as error:
        # the application says in its own way that it is too much, and finds nothing that it could take for all of it
        whole = b""
        asked.pop("HTTP_TRANSFER_ENCODING", None)
        asked |= {"CONTENT_LENGTH": str(error.seen), "wsgi.input_terminated": False}
    asked["wsgi.input"] = io.BytesIO(whole)

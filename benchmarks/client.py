"""A client that costs little, since it shares the machine with what it measures: raw connections that stay open."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

CONNECTIONS = 8
SENDERS = 16


@dataclass(frozen=True)
class Request:
    """What is asked; `body` is sent as JSON."""

    method: str
    path: str
    headers: dict[str, str]
    body: object = None

    def raw(self) -> bytes:
        """The bytes of it."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        headers = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": len(body)} | self.headers
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Answer:
    """What came back, after how many seconds."""

    status: int
    size: int
    seconds: float


@dataclass(frozen=True)
class Load:
    """All answers, and the seconds from the first request to the last answer."""

    answers: list[Answer]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.answers) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the answers came."""
        ordered = sorted(answer.seconds for answer in self.answers)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Connection:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._incoming = self._socket.makefile("rb")

    def ask(self, raw: bytes) -> Answer:
        """Send a request and read its answer."""
        began = time.perf_counter()
        self._socket.sendall(raw)
        status = int(self._incoming.readline().split(b" ", 2)[1])
        size = 0
        while (line := self._incoming.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:" and status != 304:
                size = int(line[15:])
        self._incoming.read(size)
        return Answer(status, size, time.perf_counter() - began)

    def close(self) -> None:
        """Hang up."""
        self._incoming.close()
        self._socket.close()


def load(port: int, requests: Sequence[Request], longest: float) -> Load:
    """Ask `requests` over CONNECTIONS connections, each once, for at most `longest` seconds."""
    began = time.perf_counter()
    connections = [Connection(port) for _ in range(CONNECTIONS)]
    answers = ask_all(connections, [request.raw() for request in requests], longest)
    for connection in connections:
        connection.close()
    return Load(answers, time.perf_counter() - began)


def ask_all(connections: Sequence[Connection], raws: Sequence[bytes], longest: float) -> list[Answer]:
    """Ask each of `raws` once, as many at a time as there are connections, for at most `longest` seconds."""
    waiting = iter(raws)
    answers: list[Answer] = []
    ends = time.perf_counter() + longest
    threads = [threading.Thread(target=_ask_all, args=(each, waiting, answers, ends)) for each in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def steady(port: int, rate: float, number: int, make: Callable[[], bytes]) -> tuple[Load, float]:
    """Ask what `make` makes, `number` times at `rate` a second, whatever the answers take (an open loop).

    An answer's time counts from the moment at which its request was due. Also, the seconds by which the sender itself
    fell behind at worst.
    """
    due: SimpleQueue[int] = SimpleQueue()
    for index in range(number):
        due.put(index)
    answers: list[Answer] = []
    late = [0.0]
    began = time.perf_counter() + 0.5

    def send() -> None:
        connection = Connection(port)
        while True:
            try:
                moment = began + due.get_nowait() / rate
            except Empty:
                break
            time.sleep(max(0.0, moment - time.perf_counter()))
            raw = make()
            late[0] = max(late[0], time.perf_counter() - moment)
            answer = connection.ask(raw)
            answers.append(Answer(answer.status, answer.size, time.perf_counter() - moment))
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return Load(answers, time.perf_counter() - began), late[0]


def _ask_all(connection: Connection, waiting: Iterator[bytes], answers: list[Answer], ends: float) -> None:
    for raw in waiting:
        if time.perf_counter() > ends:
            break
        answers.append(connection.ask(raw))

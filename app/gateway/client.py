"""The connection to Stripe: how a call is made, with which key, how throttled, and what can come of it.

Never used with a transaction open. The SDK costs a third of a second and 30 MB to import, so only a process that
talks to Stripe pays for it. Its objects are no dictionaries any more and stay on the far side of this package.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from threading import BoundedSemaphore
from typing import Any, TypeVar

import structlog

from app.breaker import Breaker, admitted
from app.errors import Unready
from app.language import mark
from config.settings import Settings

TIMEOUT_SECONDS = 10
MOST_RETRIES = 1
LONGEST_SLICE = 100
SIMULATOR_KEY = "sk_test_simulator"
# what another try may mend: too many calls, a conflict with another call, an error of Stripe's own
TOO_MANY_CALLS, NOTHING_THERE, FORBIDDEN = 429, 404, 403
PASSING_STATUSES = frozenset({409, TOO_MANY_CALLS, *range(500, 600)})
# how long we leave Stripe alone that has not answered, or that had too many calls and did not say how long to wait
SILENCE_SECONDS = 5.0
# so many calls of a process may be on their way, or a Stripe that is silent would hold all threads of the web
MOST_CALLS_AT_A_TIME = 4
WAIT_FOR_A_PLACE_SECONDS = 1.0
# a kept connection may turn out to be closed, and the second try is good
FAILURES_OF_ONE_WHO_IS_AWAY = 2
# a key that is wrong or lacks a right is ours to mend; meanwhile the work waits
KEY_TROUBLE_STATUSES = frozenset({401, FORBIDDEN})
Object = dict[str, Any]
Result = TypeVar("Result")
log = structlog.get_logger()


class StripeUnavailable(Unready):
    """Stripe cannot be asked now: not configured, not reachable, too busy. Worth another try."""

    code = "stripe_unavailable"
    sentence = mark("The payment service cannot be reached at the moment. Please try again in a few minutes.")


class StripeRefused(StripeUnavailable):
    """Stripe understood the call and will not do it; another try of the same call ends the same.

    `reason` is Stripe's code ("resource_missing", "charge_already_refunded", ...), `param` the parameter it names.
    """

    passing = False

    def __init__(self, reason: str | None, param: str | None) -> None:
        super().__init__()
        self.reason, self.param = reason, param


class NotPermitted(StripeUnavailable):
    """The key may not do this, and others may: what else can be heard need not wait for it."""


class NotThere(StripeRefused):
    """Stripe has nothing at the address that was asked for."""


class WrongMode(RuntimeError):
    """An object of live mode where test mode is set, or the other way round: nothing may follow from it."""


class Throttle:
    """When the next call may go out: at once, where somebody waits for it."""

    def turn(self) -> None:
        """Wait until the next request may go out; called before each. Raises StripeUnavailable where that is too
        long.
        """

    def slow_down(self, seconds: float) -> None:
        """Stripe asked for so long a silence, or gave none of its own."""


UNTHROTTLED = Throttle()


class Stripe:
    """The account at Stripe that `settings` name. Safe to share between threads.

    Every request takes its turn at the `throttle`. Reads use the restricted key for reading where there is one.
    """

    def __init__(self, settings: Settings, throttle: Throttle = UNTHROTTLED) -> None:
        self.live = settings.stripe_mode == "live"
        self._throttle = throttle
        self._breaker = Breaker(FAILURES_OF_ONE_WHO_IS_AWAY, rest=SILENCE_SECONDS)
        self._places = BoundedSemaphore(MOST_CALLS_AT_A_TIME)
        self._key = settings.stripe_api_key or (SIMULATOR_KEY if settings.stripe_mode == "simulator" else "")
        self._read_key = settings.stripe_read_key or self._key
        self._base = settings.stripe_api_base
        self._configured = bool(self._key) and (bool(self._base) or settings.stripe_mode != "simulator")

    def find(self, retrieve: Callable[[Any], Any]) -> Object | None:
        """One object as it is now, by a call that takes the SDK's v1; None where Stripe has none of that id.

        Raises StripeUnavailable, and WrongMode where it is of the other mode.
        """
        try:
            return self._of_our_mode(self._call(lambda: retrieve(self._reading_v1)).to_dict())
        except NotThere:
            return None

    def walk(self, listing: Callable[[Any], Any]) -> Iterator[Object]:
        """Everything in one of Stripe's lists, slice by slice, in Stripe's order.

        Raises StripeUnavailable on the way, and WrongMode where something in it is of the other mode.
        """
        listed = self._call(lambda: listing(self._reading_v1))
        entries = listed.auto_paging_iter()
        while entry := self._call(lambda: next(entries, None)):
            yield self._of_our_mode(entry.to_dict())

    def slice(self, listing: Callable[[Any], Any]) -> tuple[list[Object], bool]:
        """A part of a list, and whether more follows. Raises StripeUnavailable and WrongMode, as `find` does."""
        listed = self._call(lambda: listing(self._reading_v1))
        return [self._of_our_mode(entry.to_dict()) for entry in listed.data], bool(listed.has_more)

    def slice_after(
        self, listing: Callable[[Any, Object], Any], wanted: Object, after: str | None
    ) -> tuple[list[Object], str | None]:
        """The hundred of `listing(v1, wanted)` that follow on the object `after`, and the id to go on after.

        That is None after the last slice. Raises StripeRefused where Stripe no longer has the object `after`, else as
        `find`.
        """
        query = wanted | {"limit": LONGEST_SLICE} | ({"starting_after": after} if after else {})
        found, more = self.slice(lambda v1: listing(v1, query))
        return found, found[-1]["id"] if more else None

    def change(self, act: Callable[[Any], Any]) -> Object:
        """Have Stripe do something; the object it answers with. Raises StripeRefused and StripeUnavailable."""
        changed: Object = self._call(lambda: act(self._writing_v1).to_dict())
        return changed

    @cached_property
    def _reading_v1(self) -> Any:
        return self._client(self._read_key).v1

    @cached_property
    def _writing_v1(self) -> Any:
        return self._client(self._key).v1

    def _client(self, key: str) -> Any:
        if not self._configured:
            raise StripeUnavailable
        os.environ.setdefault("STRIPE_SUPPRESS_NOTICES", "true")
        import stripe

        throttle, places, breaker = self._throttle, self._places, self._breaker

        class ThrottledClient(stripe.RequestsClient):
            """Counts every request, those that go on in a list and those that are tried again."""

            def request(self, *arguments: Any, **options: Any) -> Any:
                throttle.turn()
                with admitted(places, breaker, StripeUnavailable, WAIT_FOR_A_PLACE_SECONDS):
                    try:
                        answer = super().request(*arguments, **options)
                    except stripe.APIConnectionError:
                        breaker.record(success=False)
                        throttle.slow_down(SILENCE_SECONDS)
                        raise
                breaker.record(success=True)
                if answer[1] == TOO_MANY_CALLS:
                    throttle.slow_down(_asked_silence(answer[2]))
                return answer

        stripe.enable_telemetry = False
        # at DEBUG it tells all that it gets: who pays, and with what; at INFO what a refusal says, which repeats us
        logging.getLogger("stripe").setLevel(logging.WARNING)
        return stripe.StripeClient(
            key,
            base_addresses={"api": self._base} if self._base else {},
            max_network_retries=MOST_RETRIES,
            http_client=ThrottledClient(timeout=TIMEOUT_SECONDS),
        )

    def _of_our_mode(self, found: Object) -> Object:
        if found.get("livemode", self.live) != self.live:
            raise WrongMode(found["object"])
        return found

    def _call(self, call: Callable[[], Result]) -> Result:
        if not self._configured:
            raise StripeUnavailable
        import stripe

        try:
            return call()
        except stripe.StripeError as error:
            status, code, param = error.http_status, error.code, getattr(error, "param", None)
            if status == NOTHING_THERE:
                raise NotThere(code, param) from error
            log.warning("stripe refused a call", error=type(error).__name__, status=status, code=code)
            if status == FORBIDDEN:
                raise NotPermitted from error
            if status is None or status in PASSING_STATUSES or status in KEY_TROUBLE_STATUSES:
                raise StripeUnavailable from error
            raise StripeRefused(code, param) from error


def _asked_silence(headers: Mapping[str, str]) -> float:
    try:
        return max(float(headers["Retry-After"]), 0.0)
    except (KeyError, ValueError):
        return SILENCE_SECONDS


@cache
def connect(settings: Settings) -> Stripe:
    """The one unthrottled client of this process for the account that `settings` name; silent until it is used."""
    return Stripe(settings)

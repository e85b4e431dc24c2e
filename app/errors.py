"""Refusals: each is a class with a status, a code and a sentence, and leaves as an RFC 9457 problem.

Domains raise them; the web turns them into answers. 400 not HTTP, 401 nobody is signed in, 402 no subscription, 403 you
may not, 404 what you may not see, 408 too slow, 409 no longer true, 413 too large, 422 malformed, 429 too often,
500 broken, 503 not now.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from app import formats
from app.language import _, mark

T = TypeVar("T")


class Refusal(Exception):
    """Something that was asked for and will not be done. `code` is for programs, the sentence for people.

    `extra` members appear in the problem document beside the standard ones: codes, ids and numbers only.
    """

    status = 400
    code = "refused"
    sentence = mark("This cannot be done.")

    def __init__(
        self,
        code: str | None = None,
        sentence: str | None = None,
        *,
        field: str | None = None,
        **extra: object,
    ) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.sentence = sentence or self.sentence
        self.field = field
        self.extra = extra
        # what else is wrong with the same form
        self.others: list[Refusal] = []

    @property
    def together(self) -> list["Refusal"]:
        """This one, and what else is wrong with the same form."""
        return [self, *self.others]

    def at(self, field: str) -> "Refusal | None":
        """What is wrong with one field of the form."""
        return next((refusal for refusal in self.together if refusal.field == field), None)

    def detail(self) -> str:
        """The sentence in the reader's language."""
        return _(self.sentence, **self.extra) if self.extra else _(self.sentence)


class BadRequest(Refusal):
    """400: what was sent is no request, whatever was meant."""

    status = 400
    code = "bad_request"
    sentence = mark("What was sent could not be understood.")


class Unfinished(BadRequest):
    """400: the body is not whole."""

    code = "unfinished"
    sentence = mark("The body breaks off, or has trailers.")


class Ambiguous(BadRequest):
    """400: another server might read it otherwise."""

    code = "ambiguous"
    sentence = mark("The request can be read in two ways.")


class NoHost(BadRequest):
    """400: it does not say whom it asks."""

    code = "no_host"
    sentence = mark("The request names no host.")


class Malformed(Refusal):
    """422: what was sent cannot be what was meant."""

    status = 422
    code = "malformed"
    sentence = mark("What was sent could not be understood.")


class SignInRequired(Refusal):
    """401: the act needs an account."""

    status = 401
    code = "sign_in_required"
    sentence = mark("Please sign in first.")


class SubscriptionRequired(Refusal):
    """402: the act needs a subscription that grants it; the code says why there is none, `until` how long that is so.

    Programs are told it as `valid_until`.
    """

    status = 402
    code = "no_subscription"
    sentence = mark("Comments are written by subscribers. Please subscribe to take part.")

    def __init__(self, code: str, sentence: str, until: datetime | None) -> None:
        super().__init__(code, sentence, valid_until=until.isoformat() if until else None)
        self.until = until


class Forbidden(Refusal):
    """403: this account may not do it now; the code says why."""

    status = 403
    code = "forbidden"
    sentence = mark("You may not do this.")


class NotFound(Refusal):
    """404: there is no such thing, or you may not see it."""

    status = 404
    code = "not_found"
    sentence = mark("There is nothing here.")


class TooSlow(Refusal):
    """408: the body did not come within the time that there is for it."""

    status = 408
    code = "too_slow"
    sentence = mark("What you sent did not arrive in time. Please try again.")


class Conflict(Refusal):
    """409: it was true when you looked, and no longer is."""

    status = 409
    code = "conflict"
    sentence = mark("Somebody was faster. Please look again.")


class TooLarge(Refusal):
    """413: the body is over the limit of its route."""

    status = 413
    code = "too_large"
    sentence = mark("That is too much at once.")


class TooMany(Refusal):
    """429: too often; `retry_after` seconds say when to come back, and `wait` in its sentence says it in words."""

    status = 429
    code = "too_many"
    sentence = mark("That was a little fast. Please try again in %(wait)s.")

    def __init__(
        self, code: str | None = None, sentence: str | None = None, *, retry_after: int, **extra: object
    ) -> None:
        super().__init__(code, sentence)
        self.retry_after, self.extra = retry_after, {"retry_after": retry_after, **extra}

    def detail(self) -> str:
        """The sentence in the reader's language."""
        return _(self.sentence, **self.extra, wait=formats.wait(timedelta(seconds=self.retry_after)))


class Broken(Refusal):
    """500: an accident of ours."""

    status = 500
    code = "internal_error"
    sentence = mark("Something broke on our side. It has been noted.")


class Unready(Refusal):
    """503: something this needs is not there at the moment."""

    status = 503
    # whether the same may well succeed later, without anybody mending anything here
    passing = True
    code = "unavailable"
    sentence = mark("This is not available at the moment. Please try again later.")


class Busy(Unready):
    """503: more is asked than can be answered; `retry_after` seconds say when to come back."""

    code = "busy"
    sentence = mark("Too much is asked of us at this moment. Please try again in a few seconds.")


class Maintained(Unready):
    """503: an operator works on the database, so that it is open for reading alone."""

    code = "read_only"
    sentence = mark(
        "Comments can be read, but nothing can be changed, while we work on them. Please come back a little later."
    )


class Refusals:
    """What is wrong with the fields of one form, gathered so that its writer hears all of it at once."""

    def __init__(self) -> None:
        self._found: list[Refusal] = []

    def of(self, check: Callable[[], T]) -> T | None:
        """What `check` gives, or None if it refuses a field. A refusal that names no field is raised."""
        try:
            return check()
        except Refusal as refusal:
            if refusal.field is None:
                raise
            self._found += refusal.together
            return None

    def add(self, refusal: Refusal) -> None:
        """One more that was found."""
        self._found.append(refusal)

    def tell(self) -> None:
        """Raise the first one with the others, if there are any."""
        if self._found:
            first, *first.others = self._found
            raise first


def required_text(text: str, limit: int, field: str, *, missing: str, too_long: str) -> str:
    """What was written, without the space around it. The sentences, marked, are for nothing and for too much of it.

    Raises Malformed ({field}_required, {field}_too_long).
    """
    text = text.strip()
    if not text:
        raise Malformed(f"{field}_required", missing, field=field)
    if len(text) > limit:
        raise Malformed(f"{field}_too_long", too_long, field=field, limit=limit)
    return text

"""What goes wrong, in the words and shapes that clients of Google's API know."""

from collections.abc import Sequence
from typing import Any, NamedTuple

ABOUT_COMMENTS = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
ABOUT_REQUESTS = "type.googleapis.com/google.rpc.BadRequest"
ABOUT_KEYS = "type.googleapis.com/google.rpc.ErrorInfo"
SERVICE = "commentanalyzer.googleapis.com"
# google.rpc.Code by HTTP status
CODES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class Violation(NamedTuple):
    """What is wrong with a request, and at which field; with all of it, if that is empty."""

    field: str
    description: str


class ApiError(Exception):
    """An answer that is an error: HTTP status, sentence in English, details as Google's; seconds to wait, if any."""

    def __init__(
        self, status: int, message: str, details: dict[str, Any] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(CODES.get(status, "UNKNOWN"))
        self.status = status
        self.message = message
        self.details = details
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The JSON document."""
        error = {"code": self.status, "message": self.message, "status": CODES.get(self.status, "UNKNOWN")}
        return {"error": error | ({"details": [self.details]} if self.details else {})}


def no_key() -> ApiError:
    return ApiError(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    )


def bad_key() -> ApiError:
    return ApiError(400, "API key not valid. Please pass a valid API key.", _about_key("API_KEY_INVALID"))


def over_quota(retry_after: int) -> ApiError:
    details = _about_key("RATE_LIMIT_EXCEEDED")
    return ApiError(429, "Quota exceeded for this API key. Please try again later.", details, retry_after)


def not_json(why: str) -> ApiError:
    return malformed([Violation("", f"Invalid JSON payload received. {why}")])


def malformed(violations: Sequence[Violation], message: str = "") -> ApiError:
    """400 about how a request is written; without a `message`, all that is wrong is it."""
    details = {
        "@type": ABOUT_REQUESTS,
        "fieldViolations": [
            ({"field": each.field} if each.field else {}) | {"description": each.description} for each in violations
        ],
    }
    return ApiError(400, message or "\n".join(each.description for each in violations), details)


def invalid(message: str, error_type: str = "INVALID_REQUEST", **more: object) -> ApiError:
    """400 about the comment or what is asked of it; `error_type` is one that Google documents."""
    return ApiError(400, message, {"@type": ABOUT_COMMENTS, "errorType": error_type, **more})


def unsupported_language(attribute: str, languages: Sequence[str]) -> ApiError:
    return invalid(
        f"Attribute {attribute} does not support request languages: {', '.join(languages)}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={
            # clients read the one or the other
            "detectedLanguages": languages,
            "requestedLanguages": languages,
            "attribute": attribute,
        },
    )


def unavailable() -> ApiError:
    return ApiError(503, "The service is currently unavailable.")


def no_scale(scorer: str) -> ApiError:
    return ApiError(503, f"This server's scorer ({scorer}) has no Google's scale, which was chosen for this API key.")


def _about_key(reason: str) -> dict[str, Any]:
    return {"@type": ABOUT_KEYS, "reason": reason, "domain": "googleapis.com", "metadata": {"service": SERVICE}}

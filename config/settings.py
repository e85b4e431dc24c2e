"""Everything about an installation that is not a house rule, from the environment, read once at start-up.

Start-up stops with the name of the setting that is wrong. docs/settings.md describes each; a test compares.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, tzinfo
from email.headerregistry import Address
from pathlib import Path
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import database_address, identity_keys, limits_address, log_ins, origins, sender, smtp_address
from config.identity_keys import DERIVED, SHORTEST_SECRET_CHARACTERS, IdentityKey

Environment = Literal["demo", "production", "test"]
StripeMode = Literal["simulator", "test", "live"]
MailSender = Literal["console", "file", "smtp"]
ScorerName = Literal["builtin", "detoxify"]

# what the simulator sells, where it stands in for Stripe
SIMULATED_PRODUCT = "prod_digital_subscription"
SIMULATED_PRICE = "price_digital_monthly"

# the house rules that come with the program
POLICY = Path(__file__).parent / "policy.toml"
# within the working folder: nothing is written where the program lies
VAR = Path("var")


class BadSetting(ValueError):
    """A setting is missing or cannot be used; the message names it and says why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation. Field `x` comes from the environment variable BTL_X, but for the Stripe ones."""

    environment: Environment = "production"
    database_url: str
    # how long PostgreSQL is waited for: for a new connection, for one of those that are in use, and for an answer
    database_connect_seconds: int = 3
    database_pool_seconds: int = 3
    database_statement_seconds: int = 5
    # signs cookies and tokens; of several, separated by commas, the first one signs and all are known
    secret_key: str
    # keys the digests that bans hold on to; changing it makes every ban forget its e-mail addresses
    digest_key: str
    # keys the digests of what readers pay with; the first one writes, all of them are known again
    identity_keys: tuple[IdentityKey, ...] = (IdentityKey(DERIVED),)
    # shared with the paper's own site, which vouches with it for its readers and their subscriptions
    sso_secret: str = ""
    # where the paper publishes the keys (JWKS) with which it vouches for its readers
    sso_jwks: str = ""
    # the house's provider of identities (OpenID Connect), and what we are there; without it no button leads to it
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    # where readers reach us: scheme and host, without a slash at the end
    public_url: str = "http://127.0.0.1:8000"
    policy: Path = POLICY
    # in which readers and moderators are told times: a name of the IANA database
    time_zone: str = "UTC"
    # files of a running installation: the embedded database, letters of the file sender, the simulator's state,
    # what the processes of the web count
    var: Path = VAR
    # proxies in front of us that set X-Forwarded-For
    proxies: int = 0
    # the web answers readers and writes nothing, while an operator works on the database
    read_only: bool = False
    # who reads /metrics shows it; without it only a demo answers there
    metrics_token: str = ""
    # where limits per address are counted: memory:// or redis://...
    limits_url: str = "memory://"
    mail: MailSender = "console"
    mail_from: str = "comments@localhost"
    smtp_url: str = ""
    scorer: ScorerName = "builtin"
    # a scorer that has not answered by then counts as unavailable; a post that is held for it is answered within 800
    scorer_deadline_ms: int = 600
    # asked by the worker about what the first was unsure of; none without a name
    second_scorer: str = ""
    # which of Detoxify's models, and the folder in which btl scorer prepare puts them; by default within var
    detoxify_model: str = "original"
    detoxify_folder: Path = VAR / "scorers"

    stripe_mode: StripeMode = "simulator"
    stripe_api_key: str = ""
    # a restricted key that may only read, for everything that only reads
    stripe_read_key: str = ""
    stripe_api_base: str = ""
    stripe_webhook_secrets: tuple[str, ...] = ()
    # the price that the subscribe button sells
    stripe_price: str = ""

    @property
    def secure(self) -> bool:
        """Whether readers reach us over TLS."""
        return self.public_url.startswith("https://")

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """What `secret_key` lists: the one that signs, then those that it replaced."""
        return _listed(self.secret_key)

    @property
    def zone(self) -> tzinfo:
        """The time zone in which people are told times."""
        return UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)

    @property
    def sender(self) -> Address:
        """Who letters are from."""
        return sender.parse(self.mail_from)

    @property
    def metrics_folder(self) -> Path:
        """Where the processes of `btl serve` count."""
        return self.var.absolute() / "metrics"

    @property
    def scorer_files(self) -> Path:
        """Where a scorer that needs files finds them."""
        return self.detoxify_folder / self.detoxify_model

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raises BadSetting with the name of the first setting that cannot be used."""
        given = {
            field.name: environ[variable(field.name)] for field in fields(cls) if environ.get(variable(field.name))
        }
        if unread := [name for name in map(variable, given) if not is_utf8(environ[name])]:
            raise BadSetting(unread[0], "is not in UTF-8")
        unknown = sorted(
            name for name in environ if name.startswith("BTL_") and name not in VARIABLES and name not in FOR_TESTS
        )
        if unknown:
            raise BadSetting(unknown[0], "is not a setting")
        given.setdefault("detoxify_folder", str(Path(given.get("var", cls.var)) / "scorers"))
        environment = _choice("environment", given.pop("environment", "production"), get_args(Environment))
        if environment != "production":
            _fill_in(given, Path(given.get("var", cls.var)))
        _require(given, environment)
        settings = cls(environment=cast(Environment, environment), **{k: _parse(k, v) for k, v in given.items()})  # type: ignore[arg-type]
        _check(settings)
        return settings


def variable(field: str) -> str:
    """The environment variable of a field."""
    return field.upper() if field.startswith("stripe_") else f"BTL_{field.upper()}"


VARIABLES = frozenset(variable(field.name) for field in fields(Settings))
# read by the tests and the training program, which have no Settings
FOR_TESTS = frozenset({"BTL_DATA", "BTL_REQUIRE"})


def _fill_in(given: dict[str, str], var: Path) -> None:
    """A demo needs no settings: its database and its secrets live in the var folder and survive a restart."""
    given.setdefault("database_url", f"sqlite:///{var / 'btl.db'}")
    for name in ("secret_key", "digest_key", "sso_secret"):
        if name not in given:
            given[name] = _kept_secret(var / name)
    if given.get("stripe_mode", "simulator") == "simulator":
        given.setdefault("stripe_webhook_secrets", _kept_secret(var / "stripe_webhook_secret"))
        given.setdefault("stripe_price", SIMULATED_PRICE)


def _require(given: Mapping[str, str], environment: str) -> None:
    """Raises BadSetting with the names of all settings that are required and missing."""
    required = ["database_url", "secret_key", "digest_key"]
    if environment == "production":
        required.append("stripe_mode")
    if environment == "production" or given.get("stripe_mode", "simulator") != "simulator":
        required += ["stripe_api_key", "stripe_webhook_secrets"]
    if given.get("mail") == "smtp":
        required.append("smtp_url")
    if "oidc_issuer" in given:
        required += ["oidc_client_id", "oidc_client_secret"]
    if missing := [variable(name) for name in required if name not in given]:
        raise BadSetting(", ".join(missing), "is required" if len(missing) == 1 else "are required")


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _parse(name: str, value: str) -> object:
    match name:
        case "policy" | "var" | "detoxify_folder":
            return Path(value)
        case "proxies" | "scorer_deadline_ms" | "database_pool_seconds":
            return _whole_number(name, value)
        case "database_connect_seconds" | "database_statement_seconds":
            return _whole_number(name, value, least=2)
        case "read_only":
            return _choice(name, value, ("yes", "no")) == "yes"
        case "mail":
            return _choice(name, value, get_args(MailSender))
        case "scorer":
            return _choice(name, value, get_args(ScorerName))
        case "stripe_mode":
            return _choice(name, value, get_args(StripeMode))
        case "identity_keys":
            try:
                return identity_keys.parse(value)
            except ValueError as error:
                raise BadSetting(variable(name), str(error)) from None
        case "stripe_webhook_secrets":
            return _listed(value)
        case "public_url":
            try:
                return origins.parse(value)
            except ValueError as error:
                raise BadSetting(variable(name), str(error)) from None
        case _:
            return value


def is_utf8(value: str) -> bool:
    """Whether the system gave us text, which Python keeps the bytes of where it is none; no database takes those."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _whole_number(name: str, value: str, least: int = 0) -> int:
    if not (value.isdecimal() and value.isascii() and len(value) < 10 and int(value) >= least):
        raise BadSetting(variable(name), f"must be a whole number of at least {least}, not {value!r}")
    return int(value)


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise BadSetting(variable(name), f"must be one of {', '.join(allowed)}, not {value!r}")
    return value


def _check(settings: Settings) -> None:
    for name, keys in (("BTL_SECRET_KEY", settings.secret_keys), ("BTL_DIGEST_KEY", (settings.digest_key,))):
        if not keys or min(map(len, keys)) < SHORTEST_SECRET_CHARACTERS:
            raise BadSetting(name, f"needs at least {SHORTEST_SECRET_CHARACTERS} characters in each key")
    if why := database_address.wrong(settings.database_url):
        raise BadSetting("BTL_DATABASE_URL", why)
    try:
        settings.zone  # noqa: B018
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting("BTL_TIME_ZONE", f"is no time zone that this machine knows: {settings.time_zone!r}") from None
    try:
        sender.parse(settings.mail_from)
    except ValueError as error:
        raise BadSetting("BTL_MAIL_FROM", str(error)) from None
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", settings.detoxify_model):
        raise BadSetting("BTL_DETOXIFY_MODEL", "is the name of a model: small letters, digits and hyphens")
    if why := limits_address.wrong(settings.limits_url):
        raise BadSetting("BTL_LIMITS_URL", why)
    if settings.smtp_url and not smtp_address.is_good(settings.smtp_url):
        raise BadSetting("BTL_SMTP_URL", "must be smtp://[user:password@]host[:port], with odd characters as %xx")
    if wrong := log_ins.wrong(settings):
        raise BadSetting(*wrong)
    if settings.metrics_token and len(settings.metrics_token) < SHORTEST_SECRET_CHARACTERS:
        raise BadSetting("BTL_METRICS_TOKEN", f"needs at least {SHORTEST_SECRET_CHARACTERS} characters")
    if settings.stripe_api_base and not origins.is_address(settings.stripe_api_base):
        raise BadSetting("STRIPE_API_BASE", "must be an address of http or https")
    if settings.stripe_mode == "simulator":
        if settings.environment == "production":
            raise BadSetting("STRIPE_MODE", "the simulator cannot take a production's payments; set test or live")
        return
    if not settings.stripe_webhook_secrets:
        raise BadSetting("STRIPE_WEBHOOK_SECRETS", "is required")
    for name, key in (("STRIPE_API_KEY", settings.stripe_api_key), ("STRIPE_READ_KEY", settings.stripe_read_key)):
        if f"_{settings.stripe_mode}_" not in key and (key or name == "STRIPE_API_KEY"):
            raise BadSetting(name, f"is not a key of {settings.stripe_mode} mode")

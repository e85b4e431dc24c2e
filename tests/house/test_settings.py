"""A setting or a policy that cannot be used stops the start, with its name and the reason."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from config import policy as policies
from config.policy import ACKNOWLEDGEMENT, BadPolicy, HouseRules
from config.settings import BadSetting, Settings
from tests.support.repository import REPOSITORY

LONG = "x" * 40
GOOD = {
    "BTL_DATABASE_URL": "postgresql://localhost/btl",
    "BTL_SECRET_KEY": LONG,
    "BTL_DIGEST_KEY": LONG,
    "STRIPE_MODE": "live",
    "STRIPE_API_KEY": "rk_live_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_1, whsec_2",
}


def test_a_production_starts_with_its_settings() -> None:
    settings = Settings.from_env({**GOOD, "BTL_PUBLIC_URL": "https://comments.example/", "PATH": "/bin"})
    assert (settings.secure, settings.public_url) == (True, "https://comments.example")
    assert settings.stripe_webhook_secrets == ("whsec_1", "whsec_2")


def test_a_demo_needs_none_and_keeps_its_secrets(tmp_path: Path) -> None:
    environ = {"BTL_ENVIRONMENT": "demo", "BTL_VAR": str(tmp_path)}
    assert Settings.from_env(environ) == Settings.from_env(environ)
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BTL_ENVIRONMENT", "staging"),
        ("BTL_DATABASE_URL", ""),
        ("BTL_DATABASE_URL", "mysql://localhost/btl"),
        ("BTL_DATABASE_URL", "postgresql:"),
        ("BTL_DATABASE_URL", "postgresql+psycopg2://localhost/btl"),
        ("BTL_DATABASE_URL", "postgresql://me:secret@localhost:port/btl"),
        ("BTL_DATABASE_URL", "postgresql://localhost:70000/btl"),
        ("BTL_DATABASE_URL", "postgresql://localhost/btl?nope=1"),
        ("BTL_DATABASE_URL", "sqlite:"),
        ("BTL_DATABASE_URL", "sqlite:btl.db"),
        ("BTL_DATABASE_URL", "sqlite://"),
        ("BTL_DATABASE_URL", "sqlite:///:memory:"),
        ("BTL_DATABASE_URL", "sqlite://localhost/btl.db"),
        ("BTL_DATABASE_URL", "sqlite:///btl.db?nope=1"),
        ("BTL_SECRET_KEY", ""),
        ("BTL_SECRET_KEY", "short"),
        ("BTL_SECRET_KEY", " , "),
        ("BTL_SECRET_KEY", f"{LONG},short"),
        ("BTL_DIGEST_KEY", ""),
        ("BTL_IDENTITY_KEYS", " , "),
        ("BTL_IDENTITY_KEYS", "first"),
        ("BTL_IDENTITY_KEYS", "first:short"),
        ("BTL_IDENTITY_KEYS", f"First:{LONG}"),
        ("BTL_IDENTITY_KEYS", f"derived:{LONG}"),
        ("BTL_IDENTITY_KEYS", f"a:{LONG},a:{LONG}"),
        ("BTL_PUBLIC_URL", "comments.example"),
        ("BTL_MAIL_FROM", "Comments, The Harbour <comments@paper.example>"),
        ("BTL_MAIL_FROM", "a@paper.example, b@paper.example"),
        ("BTL_MAIL_FROM", "comments"),
        ("BTL_MAIL_FROM", "comments@"),
        ("BTL_MAIL_FROM", "The Paper <comments@paper.example"),
        ("BTL_MAIL_FROM", "jörg@paper.example"),
        ("BTL_MAIL_FROM", "a@paper.example\nBcc: b@paper.example"),
        ("BTL_MAIL_FROM", "a@bü..cher.example"),
        ("BTL_PUBLIC_URL", "https://paper.example/comments"),
        ("BTL_PUBLIC_URL", "https://paper.example?site=1"),
        ("BTL_PUBLIC_URL", "https://me@paper.example"),
        ("BTL_METRICS_TOKEN", "short"),
        ("BTL_METRICS_TOKEN", f"\udcff{LONG}"),
        ("BTL_SMTP_URL", "mail.example"),
        ("BTL_SMTP_URL", "smtp://"),
        ("BTL_SMTP_URL", "smtp://mail.example:port"),
        ("BTL_SMTP_URL", "smtp://mail.example:70000"),
        ("BTL_SMTP_URL", "smtp://[::1"),
        ("BTL_SMTP_URL", "smtp://mail..example"),
        ("BTL_SMTP_URL", "smtp://me:pass/word@mail.example"),
        ("BTL_SMTP_URL", "smtp://me:pass#word@mail.example"),
        ("BTL_SMTP_URL", "smtp://me:pässword@mail.example"),
        ("BTL_SMTP_URL", "smtp://me:p%C3%A4ss@mail.example"),
        ("BTL_DATABASE_CONNECT_SECONDS", "1"),
        ("BTL_DATABASE_POOL_SECONDS", "-1"),
        ("BTL_DATABASE_STATEMENT_SECONDS", "0"),
        ("BTL_DATABASE_STATEMENT_SECONDS", "²"),
        ("BTL_TIME_ZONE", "Europe/Harbour"),
        ("BTL_TIME_ZONE", "../etc/passwd"),
        ("BTL_TIME_ZONE", "/etc/localtime"),
        ("BTL_TIME_ZONE", "Europe"),
        ("BTL_PROXIES", "-1"),
        ("BTL_READ_ONLY", "perhaps"),
        ("BTL_LIMITS_URL", "memory"),
        ("BTL_LIMITS_URL", "memcached://localhost"),
        ("BTL_LIMITS_URL", "redis://localhost:port"),
        ("BTL_LIMITS_URL", "redis://[::1"),
        ("BTL_LIMITS_URL", "redis://localhost?socket_timeout=soon"),
        ("BTL_SCORER", "oracle"),
        ("BTL_SCORER_DEADLINE_MS", "soon"),
        ("BTL_DETOXIFY_MODEL", "../original"),
        ("BTL_MAIL", "pigeon"),
        ("BTL_NO_SUCH_THING", "1"),
        ("STRIPE_MODE", "simulator"),
        ("STRIPE_MODE", "play"),
        ("STRIPE_API_BASE", "stripe"),
        ("STRIPE_API_BASE", "http://[::1"),
        ("STRIPE_API_KEY", "sk_test_1"),
        ("STRIPE_API_KEY", ""),
        ("STRIPE_WEBHOOK_SECRETS", " , "),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as stopped:
        Settings.from_env(GOOD | {name: value})
    assert stopped.value.name == name
    assert name in str(stopped.value)
    assert LONG not in str(stopped.value)


def test_keys_of_payment_identities_are_exchanged_and_never_shown() -> None:
    given = f"autumn:{LONG}, spring:{LONG}:{LONG},derived"
    settings = Settings.from_env({**GOOD, "BTL_IDENTITY_KEYS": given})
    assert [(key.id, len(key.secret)) for key in settings.identity_keys] == [
        ("autumn", 40),
        ("spring", 81),
        ("derived", 0),
    ]
    assert LONG not in repr(settings.identity_keys)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(BadSetting) as stopped:
        Settings.from_env({})
    assert str(stopped.value) == (
        "BTL_DATABASE_URL, BTL_SECRET_KEY, BTL_DIGEST_KEY, STRIPE_MODE, STRIPE_API_KEY, STRIPE_WEBHOOK_SECRETS:"
        " are required"
    )
    with pytest.raises(BadSetting, match="STRIPE_API_KEY, STRIPE_WEBHOOK_SECRETS: are"):
        Settings.from_env({"BTL_ENVIRONMENT": "demo", "STRIPE_MODE": "test"})


def test_what_is_missing_beside_another_setting_is_named_with_the_rest() -> None:
    with pytest.raises(BadSetting) as stopped:
        Settings.from_env({"BTL_MAIL": "smtp", "BTL_OIDC_ISSUER": "https://id.example", "STRIPE_MODE": "test"})
    assert str(stopped.value) == (
        "BTL_DATABASE_URL, BTL_SECRET_KEY, BTL_DIGEST_KEY, STRIPE_API_KEY, STRIPE_WEBHOOK_SECRETS, BTL_SMTP_URL,"
        " BTL_OIDC_CLIENT_ID, BTL_OIDC_CLIENT_SECRET: are required"
    )


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///btl",
        "postgresql://me:p%40ss/w[ord@localhost:5432/btl?sslmode=require&application_name=btl",
        "postgresql+psycopg://localhost/btl",
        "sqlite:////var/lib/btl.db",
        "sqlite:///var/btl.db",
    ],
)
def test_an_address_of_a_database_is_taken(url: str) -> None:
    assert Settings.from_env(GOOD | {"BTL_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    "url",
    ["smtp://mail.example", "smtps://me%40mail.example:p%2Fw@mail.example:465", "smtp://[::1]:25/", "smtp://localhost"],
)
def test_an_address_of_a_mail_server_is_taken(url: str) -> None:
    assert Settings.from_env(GOOD | {"BTL_MAIL": "smtp", "BTL_SMTP_URL": url}).smtp_url == url


def test_the_public_url_is_the_one_that_browsers_send() -> None:
    assert Settings.from_env(GOOD | {"BTL_PUBLIC_URL": "HTTPS://Bücher.Example:443/"}).public_url == (
        "https://xn--bcher-kva.example"
    )


def test_redis_needs_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    redis = GOOD | {"BTL_LIMITS_URL": "redis://localhost:6379/0"}
    assert Settings.from_env(redis).limits_url == redis["BTL_LIMITS_URL"]
    monkeypatch.setattr("config.limits_address.find_spec", lambda _name: None)
    with pytest.raises(BadSetting, match=r"BTL_LIMITS_URL.*pip install"):
        Settings.from_env(redis)


def test_smtp_needs_an_address() -> None:
    with pytest.raises(BadSetting, match="BTL_SMTP_URL"):
        Settings.from_env(GOOD | {"BTL_MAIL": "smtp"})


def _changed(house: HouseRules, path: str, value: Any) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(house.at({}))
    *parts, last = path.split(".")
    part: Any = document
    for name in parts:
        part = part[int(name)] if name.isdigit() else part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("limits.posts_per_minute", None, "limits"),
        ("limits.posts_per_minute", "five", "posts_per_minute"),
        ("limits.posts_per_minute", 0, "limits.posts_per_minute"),
        ("limits.posts_per_week", 7, "posts_per_week"),
        ("thresholds.insult", None, "thresholds.insult"),
        ("thresholds.sarcasm", {"nudge": 0.1, "hold": 0.2, "severe": 0.3}, "thresholds.sarcasm"),
        ("thresholds.insult.hold", 0.01, "thresholds.insult"),
        ("rules", [], "rules"),
        ("rules.0.id", "hate", "rules"),
        ("machine.rules.threat", "unknown", "machine.rules.threat"),
        ("machine.severe", "always", "severe"),
        ("machine.severe", None, "severe"),
        ("retention.stripe_events_days", 29, "retention.stripe_events_days"),
        ("entitlement.past_due_grace_days", 22, "entitlement.past_due_grace_days"),
        ("entitlement.past_due_grace_days", -1, "entitlement.past_due_grace_days"),
        ("entitlement.lease_days", 0, "entitlement.lease_days"),
        ("entitlement.lease_days", 32, "entitlement.lease_days"),
        ("machine.severe", "ban", "machine.acknowledgement"),
        ("strikes.ladder.0.points", 1, "strikes.ladder"),
        ("strikes.ladder.1.days", None, "strikes.ladder"),
        ("strikes.ladder.0.days", 3, "strikes.ladder"),
    ],
)
def test_a_bad_policy_is_named_with_its_key(house: HouseRules, path: str, value: Any, named: str) -> None:
    with pytest.raises(BadPolicy) as stopped:
        policies.parse(_changed(house, path, value), "rules.toml")
    assert str(stopped.value).startswith("rules.toml: ")
    assert named in str(stopped.value)


def test_a_machine_may_ban_only_with_the_acknowledgement(house: HouseRules) -> None:
    document = _changed(house, "machine.severe", "ban")
    document["machine"]["acknowledgement"] = ACKNOWLEDGEMENT
    assert policies.parse(document, "rules.toml").machine.severe == "ban"


@pytest.mark.parametrize("value", ["propose", "enforce"])
def test_the_key_that_severe_replaces_is_refused_by_name_with_what_to_write_instead(
    house: HouseRules, value: str
) -> None:
    with pytest.raises(BadPolicy) as stopped:
        policies.parse(_changed(house, "machine.auto_ban", value), "rules.toml")
    for named in ("rules.toml: machine.auto_ban", 'severe = "suspend"', 'severe = "ban"'):
        assert named in str(stopped.value)
    with pytest.raises(BadPolicy, match=r"machine\.auto_ban"):
        house.at({"machine": {"auto_ban": value}})


@pytest.mark.parametrize("text", ["[house\n", "house = 3\n", "", "\x00"])
def test_a_file_that_is_no_policy_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(BadPolicy, match=r"rules\.toml"):
        policies.load(path)


def test_a_site_lays_its_own_values_over_the_policy_and_bad_ones_are_refused(house: HouseRules) -> None:
    assert house.at({"limits": {"edit_minutes": 3}}).limits.edit_minutes == 3
    assert house.at({}).limits.edit_minutes == 15
    with pytest.raises(BadPolicy, match="edit_minutes"):
        house.at({"limits": {"edit_minutes": "three"}})


def test_the_rules_of_a_site_are_parsed_once(house: HouseRules) -> None:
    first = house.at({"limits": {"edit_minutes": 3, "depth_shown": 2}})
    assert house.at({"limits": {"depth_shown": 2, "edit_minutes": 3}}) is first
    assert house.at({"limits": {"edit_minutes": 3}}) is not first


def test_the_policy_that_is_shipped_is_good() -> None:
    assert policies.load(REPOSITORY / "config" / "policy.toml").at({}).machine.severe == "suspend_on_repeat"

"""Those whom an installation asks for help: do they answer?"""

from app import limiter, toxicity
from app.cli.health import Ill
from app.gateway import client, rights
from app.gateway.client import WrongMode
from app.mail import senders
from app.mail.senders import MailUnavailable
from app.screening import second_opinion
from app.toxicity import languages
from app.toxicity.scorer import Unavailable
from app.web import exposition
from config.settings import Settings


def limits(settings: Settings) -> str:
    if settings.limits_url != limiter.MEMORY:
        if not limiter.store(settings.limits_url).check():
            raise Ill(
                "BTL_LIMITS_URL does not answer, and each process counts for itself: start it, or mend the address"
            )
        return "counted for all processes together"
    processes = exposition.counting(settings)
    if processes > 1:
        raise Ill(
            f"each of {processes} processes of btl serve counts for itself, and a limit is {processes} times as high: "
            "set BTL_LIMITS_URL to a Valkey or Redis"
        )
    return "counted in memory, which does for one process; with several set BTL_LIMITS_URL"


def mail(settings: Settings) -> str:
    match settings.mail:
        case "console" if settings.environment == "production":
            raise Ill("every letter waits, since none is printed in production: set BTL_MAIL=smtp and BTL_SMTP_URL")
        case "console":
            return "printed by btl worker"
        case "file" if settings.environment == "production":
            raise Ill("every letter is written to a folder and sent to nobody: set BTL_MAIL=smtp and BTL_SMTP_URL")
        case "file":
            return f"written to {settings.var / 'letters'}, and sent to nobody"
        case "smtp" if settings.environment == "production" and "." not in settings.sender.domain:
            raise Ill(f"letters come from {settings.sender}, which no reader's mail server believes: set BTL_MAIL_FROM")
    try:
        senders.Smtp(settings).greet()
    except MailUnavailable as error:
        raise Ill(f"the mail server takes no letters ({error.__cause__}), and they wait: see BTL_SMTP_URL") from error
    return "the mail server answers"


def stripe(settings: Settings) -> str:
    if settings.stripe_mode == "simulator" and not settings.stripe_api_base:
        return "none: only btl demo brings a simulated one"
    try:
        refused = rights.unreadable(client.connect(settings))
    except WrongMode as error:
        raise Ill(f"the objects there are not of {settings.stripe_mode} mode, as STRIPE_MODE says") from error
    if len(refused) == len(rights.LISTS):
        raise Ill("cannot be reached, or refuses the key: see STRIPE_API_KEY and STRIPE_READ_KEY")
    if refused:
        raise Ill(f"the key for reading may not read {', '.join(refused)}: nothing will be known of them")
    apart = "a key of its own for reading" if settings.stripe_read_key else "one key for all: set STRIPE_READ_KEY"
    return f"{settings.stripe_mode} mode, {apart}, {len(settings.stripe_webhook_secrets)} webhook secrets"


def scorer(settings: Settings) -> str:
    found = toxicity.find(settings.scorer, settings.scorer_files)
    answer = toxicity.Guarded(found).score(["Good morning."], settings.scorer_deadline_ms / 1000)
    if isinstance(answer, Unavailable):
        raise Ill(f"unavailable ({answer.reason}): every comment will be held")
    if isinstance(found, toxicity.Builtin) and not found.is_whole:
        raise Ill(
            "onnxruntime cannot be loaded, and the fast model scores alone, which misses more: install onnxruntime"
        )
    told = "told apart" if languages.is_available() else "not told apart: install the extra language"
    return f"{found.name} {found.version}, reads {', '.join(sorted(found.languages))}; languages are {told}"


def second_scorer(settings: Settings) -> str:
    if not settings.second_scorer:
        return "none"
    scorer = toxicity.Guarded(toxicity.find(settings.second_scorer, settings.scorer_files))
    answer = scorer.score(["Good morning."], second_opinion.DEADLINE_SECONDS)
    if isinstance(answer, Unavailable):
        raise Ill(f"unavailable ({answer.reason}): the first verdicts stand")
    return f"{scorer.name} {scorer.version}"


CHECKS = {
    "limits": limits,
    "mail": mail,
    "stripe": stripe,
    "scorer": scorer,
    "second scorer": second_scorer,
}

"""HTML, as other systems keep their comments, turned into what a reader would have typed here to say the same."""

import re
from dataclasses import dataclass, field
from html.entities import html5
from html.parser import HTMLParser
from itertools import takewhile

from app.interchange import phrases
from app.interchange.phrases import CODE, Address, Run
from app.text import characters

# what comments were written with, and what editors have left in them; not what only a whole page has
_TAGS = (
    "a abbr acronym address article aside audio b bdi bdo big blockquote br button caption center cite code col"
    " colgroup dd del details dfn div dl dt em embed fieldset figcaption figure font footer form h[1-6] header hr i"
    " iframe img input ins kbd label li mark marquee nav nobr ol p picture pre q rp rt ruby s samp script section"
    " select small source span strike strong style sub summary sup svg table tbody td textarea tfoot th thead tr tt"
    " u ul var video wbr"
)
_TAG = re.compile(rf"</?(?:{_TAGS.replace(' ', '|')})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_REFERENCE = re.compile(r"&(#\d+;|#x[0-9a-f]+;|[a-z][a-z0-9]*;)", re.IGNORECASE)
_MARKS = {
    "em": "*",
    "i": "*",
    "cite": "*",
    "strong": "**",
    "b": "**",
    "del": "~~",
    "s": "~~",
    "strike": "~~",
    "code": CODE,
}
_BROKEN = re.compile(r"<(?:p|br|div|table)\b", re.IGNORECASE)
_BLOCKS = frozenset({"p", "ul", "ol", "dl", "table", "blockquote", "hr", *(f"h{n}" for n in range(1, 7))})
# whatever stands on lines of its own, without a blank one around
_BOXES = frozenset(
    {"address", "article", "aside", "caption", "center", "details", "div", "figure", "footer", "form", "header"}
    | {"main", "nav", "section", "summary", "tr", "dt", "dd", "figcaption"}
)
_CELLS = frozenset({"td", "th"})
_FENCE = re.compile(r"\s*(`{3,})")
_LISTS = frozenset({"ul", "ol"})
_UNSEEN = frozenset({"script", "style", "head", "title"})
_SHOWN = frozenset({"img", "iframe", "video", "audio", "embed", "source"})
# letters and digits as Unicode has them above and below the line, and what says so of others
_SHIFTED = {
    "sup": (
        str.maketrans(
            "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
            "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        ),
        "^",
    ),
    "sub": (str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"), "_"),
}
# Python's parser takes the square of the length for what is no HTML; no comment of ours needs as much
LONGEST = 20_000


def looks_like_html(text: str) -> bool:
    """Whether nobody would have typed `text` where it is read as it was typed."""
    references = _REFERENCE.findall(text)
    return _TAG.search(text) is not None or any(name.startswith("#") or name in html5 for name in references)


def as_typed(html: str) -> str:
    """The text that reads here as `html` reads in a browser, as far as comments can."""
    html = characters.honest(html)
    reading = _Reading()
    # where no line is marked up as one, as in WordPress, lines are what they look like
    reading.feed(html if _BROKEN.search(html) else html.replace("\n", "<br>"))
    reading.close()
    return reading.typed()


@dataclass
class _Line:
    """A line within that many quotes, what it begins with (a bullet or a number; a space where an item goes on), and
    whether a blank one stands before it.

    One that is `verbatim` is of a block of code, and kept as it is.
    """

    quotes: int
    runs: list[Run] = field(default_factory=list)
    lead: str = ""
    is_apart: bool = False
    verbatim: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.verbatim or any(run.text.strip() for run in self.runs))

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    def typed(self) -> str:
        """What is to be typed for it, but for the quotes."""
        return self.text.rstrip() if self.verbatim else self.lead + phrases.typed(self.runs)


class _Reading(HTMLParser):
    """Collects lines."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = [_Line(0)]
        self._quotes = self._unseen = 0
        self._lists: list[int | None] = []
        # the lines before the block of code that is open
        self._before_code: int | None = None
        self._in_pre = False
        # the marks and the link that are open, in their order, and how often each is
        self._around: dict[str, int] = {}
        self._is_shown = True
        self._shifted: list[tuple[_Line, int]] = []

    def typed(self) -> str:
        """What was collected."""
        self._fence(opens=False)
        typed, quotes, is_apart = [""], 0, False
        for line in self._lines:
            is_apart = is_apart or line.is_apart or line.is_empty
            if line.is_empty:
                continue
            if is_apart and typed[-1]:
                typed.append("> " * min(quotes, line.quotes))
            typed.append("> " * line.quotes + line.typed())
            quotes, is_apart = line.quotes, False
        return "\n".join(typed).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "pre":
            self._fence(opens=True)
        elif tag in _BLOCKS:
            self._block(tag, opens=True, start=given.get("start"))
        elif tag in _BOXES:
            self._row()
        elif tag == "br":
            self._line()
        elif tag == "li":
            self._row()
            self._lines[-1].lead = self._bullet()
        elif tag in _MARKS:
            self._open(_MARKS[tag])
        elif tag in _CELLS:
            self._write(" ")
        elif tag == "q":
            self._write('"')
        elif tag == "a":
            self._link(given.get("href"))
        elif tag in _SHIFTED:
            self._shifted.append((self._lines[-1], len(self._lines[-1].runs)))
        elif tag in _SHOWN:
            self._write(" ".join(filter(None, (given.get("alt"), given.get("src")))))

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "pre":
            self._fence(opens=False)
        elif tag in _BLOCKS:
            self._block(tag, opens=False)
        elif tag in _BOXES:
            self._row()
        elif tag in _MARKS:
            self._close(_MARKS[tag])
        elif tag == "q":
            self._write('"')
        elif tag == "a":
            self._link(None)
        elif tag in _SHIFTED and self._shifted:
            self._shift(tag, *self._shifted.pop())

    # what begins with "<![", of which browsers know nothing
    parse_marked_section = HTMLParser.parse_bogus_comment

    def handle_data(self, data: str) -> None:
        first, *more = data.split("\n") if self._in_pre else [data]
        self._write(first)
        for line in more:
            self._line()
            self._write(line)

    def _write(self, words: str) -> None:
        line = self._lines[-1]
        if self._unseen or (line.is_empty and not words.strip()):
            return
        # in code nothing else is marked
        outside = list(takewhile(lambda mark: mark != CODE, self._around))
        line.runs.append(Run(words, (*outside, CODE) if CODE in self._around else tuple(outside)))
        self._is_shown = self._is_shown or bool(words.strip())

    def _line(self) -> None:
        in_block = self._before_code is not None
        self._lines.append(_Line(0 if in_block else self._quotes, lead=self._within(), verbatim=in_block))

    def _within(self) -> str:
        return "  " if self._lists else ""

    def _row(self) -> None:
        """Editors in browsers keep each line in a box of its own, an empty one as a box with a line break."""
        if not self._lines[-1].is_empty:
            self._line()

    def _block(self, tag: str, *, opens: bool, start: str | None = None) -> None:
        self._row()
        line, is_nested = self._lines[-1], False
        if tag == "blockquote":
            self._quotes = max(0, self._quotes + (1 if opens else -1))
            line.quotes = self._quotes
        if tag in _LISTS:
            if opens:
                is_nested = bool(self._lists)
                self._lists.append((int(start) if start and start.isdecimal() else 1) if tag == "ol" else None)
            elif self._lists:
                self._lists.pop()
                is_nested = bool(self._lists)
            line.lead = self._within()  # which may have been that of an item without words
        line.is_apart = line.is_apart or not is_nested

    def _bullet(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            # numbered lists are not nested here
            levels = len(list(takewhile(lambda each: each is None, reversed(self._lists))))
            return "  " * (levels - (levels == len(self._lists))) + "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _fence(self, *, opens: bool) -> None:
        """A block of code begins or ends. Quotes have none here: of what stands in one each line is code."""
        if opens == self._in_pre:
            return
        self._in_pre = opens
        if opens:
            self._row()
            if self._quotes:
                self._open(CODE)
            else:
                self._before_code = len(self._lines)
                self._line()
        elif self._before_code is None:
            self._close(CODE)
            self._row()
        else:
            self._lines[self._before_code :] = _fenced(self._lines[self._before_code :])
            self._before_code = None
            self._line()

    def _open(self, mark: str) -> None:
        self._around[mark] = self._around.get(mark, 0) + 1

    def _close(self, mark: str) -> None:
        if self._around.get(mark, 0) > 1:
            self._around[mark] -= 1
        else:
            self._around.pop(mark, None)

    def _link(self, address: str | None) -> None:
        """A link begins, or (None) ends; of one without words the address is shown."""
        for link in [mark for mark in self._around if isinstance(mark, Address)]:
            around = "" if self._is_shown else " "
            self._write(around and f" {link}")
            del self._around[link]
            self._write(around)
        address = (address or "").strip()
        if address and not address.startswith("#"):  # which led to a place on the page where it stood
            self._open(Address(address))
            self._is_shown = False

    def _shift(self, tag: str, line: _Line, begin: int) -> None:
        """What was written in the line from there on stands above or below it."""
        words, (small, sign) = "".join(run.text for run in line.runs[begin:]).strip(), _SHIFTED[tag]
        if not words or line is not self._lines[-1] or CODE in self._around or line.verbatim:
            return
        if all(ord(c) in small for c in words):
            shifted = words.translate(small)
        else:
            shifted = sign + (words if words.isalnum() else f"({words})")
        line.runs[begin:] = [Run(shifted, line.runs[begin].around)]


def _fenced(lines: list[_Line]) -> list[_Line]:
    """`lines` of code between fences that none of them is."""
    texts = [line.text for line in lines]
    begin = next((n for n, text in enumerate(texts) if text.strip()), len(texts))
    end = next((n for n in range(len(texts), begin, -1) if texts[n - 1].strip()), begin)
    longest = max((len(found[1]) for text in texts if (found := _FENCE.match(text))), default=2)
    fence = _Line(0, [Run("`" * (longest + 1))], verbatim=True)
    return [fence, *lines[begin:end], fence] if begin < end else []

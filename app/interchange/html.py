"""HTML, as other systems keep their comments, turned into what a reader would have typed here to say the same."""

import re
from html.entities import html5
from html.parser import HTMLParser
from urllib.parse import quote

from app.text import characters, links, markup

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
    "code": "`",
}
_BROKEN = re.compile(r"<(?:p|br|div|table)\b", re.IGNORECASE)
_BLOCKS = frozenset({"p", "ul", "ol", "dl", "table", "blockquote", "hr", *(f"h{n}" for n in range(1, 7))})
# whatever stands on lines of its own, without a blank one around
_BOXES = frozenset(
    {"address", "article", "aside", "caption", "center", "details", "div", "figure", "footer", "form", "header"}
    | {"main", "nav", "section", "summary"}
)
_LINES = frozenset({"br", "li", "tr", "dt", "dd", "figcaption"})
_CELLS = frozenset({"td", "th"})
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
    "sub": (str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"), r"\_"),
}
_FOREIGN = re.compile(r"[^\w!#$%&'*+,./:;=?@~-]")
_WEB = ("http://", "https://", "www.")
_SPECIAL = re.compile(r"[*_`~\[\]]")
# around the marks of emphasis until it is known what stands beside them; code points that no text may carry
_PAIR = re.compile("\ufdd2([*~`]+)\ufdd3([^\ufdd2-\ufdd5]*)\ufdd4\\1\ufdd5")
_LONE = re.compile("[\ufdd2\ufdd4][*~`]+[\ufdd3\ufdd5]")
# at the beginning of a line of code, which is kept as it is; another such code point
_VERBATIM = "\ufdd6"
# at the beginning of a line that goes on with an item; a blank of those that no text may carry
_WITHIN = "\x1c"
_DEEPEST = 5
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


class _Reading(HTMLParser):
    """Collects lines, each with the depth of the quotes in which it stands."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[int, str]] = [(0, "")]
        self._quotes = self._unseen = self._code = 0
        self._fenced = False
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int, int]] = []
        self._shifted: list[tuple[int, int]] = []

    def typed(self) -> str:
        """What was collected."""
        lines: list[tuple[int, str]] = [(0, "")]
        for depth, line in self._lines:
            within = "  " if line.startswith(_WITHIN) else ""
            line = line.rstrip() if line.startswith(_VERBATIM) else _settled(re.sub(r"\s+", " ", line).strip())
            line = line and within + line
            if line or lines[-1][1]:
                lines.append((depth, line))
        lines.append((0, ""))
        depths = [
            min(depth, lines[n - 1][0], lines[n + 1][0]) if not line else depth
            for n, (depth, line) in enumerate(lines[:-1])
        ]
        typed = ("> " * depth + line.replace(_VERBATIM, "") for depth, (_, line) in zip(depths, lines, strict=False))
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
        elif tag in _LINES:
            self._line()
            self._write(self._bullet() if tag == "li" else self._within())
        elif tag in _MARKS and not self._fenced:
            self._code += tag == "code"
            self._write(f"\ufdd2{_MARKS[tag]}\ufdd3")
        elif tag in _CELLS:
            self._write(" ")
        elif tag == "q":
            self._write('"')
        elif tag == "a":
            self._links.append((given.get("href") or "", *self._place()))
        elif tag in _SHIFTED:
            self._shifted.append(self._place())
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
        elif tag in _MARKS and not self._fenced:
            self._code = max(0, self._code - (tag == "code"))
            self._write(f"\ufdd4{_MARKS[tag]}\ufdd5")
        elif tag == "q":
            self._write('"')
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag in _SHIFTED and self._shifted:
            self._shift(tag, *self._shifted.pop())

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._fenced:
            first, *more = data.split("\n")
            self._write(first)
            self._lines += [(self._quotes, _VERBATIM + line) for line in more]
            return
        flowing = re.sub(r"\s+", " ", data)
        self._write(flowing if self._code else _escaped(flowing))

    def _place(self) -> tuple[int, int]:
        """The line that is being written, and how long it is."""
        return len(self._lines), len(self._lines[-1][1])

    def _write(self, words: str) -> None:
        depth, line = self._lines[-1]
        self._lines[-1] = depth, line + words

    def _line(self) -> None:
        self._lines.append((self._quotes, _VERBATIM if self._fenced else ""))

    def _row(self) -> None:
        """Editors in browsers keep each line in a box of its own, an empty one as a box with a line break."""
        if self._lines[-1][1].strip():
            self._line()
            self._write(self._within())

    def _within(self) -> str:
        return _WITHIN if self._lists and not self._fenced else ""

    def _fence(self, *, opens: bool) -> None:
        if opens == self._fenced:
            return
        self._lines += (
            [(self._quotes, "```"), (self._quotes, _VERBATIM)] if opens else [(self._quotes, "```"), (self._quotes, "")]
        )
        self._fenced = opens

    def _block(self, tag: str, *, opens: bool, start: str | None = None) -> None:
        if tag == "blockquote":
            self._quotes = max(0, self._quotes + (1 if opens else -1))
        if tag in ("ul", "ol"):
            if opens:
                self._lists.append((int(start) if start and start.isdecimal() else 1) if tag == "ol" else None)
            elif self._lists:
                self._lists.pop()
        if self._lines[-1][1].strip():
            self._line()
        self._line()

    def _bullet(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _link(self, address: str, number: int, begin: int) -> None:
        depth, line = self._lines[-1]
        words = line[begin:] if number == len(self._lines) else ""
        if not address or address == words.strip():
            return
        address = _whole(address)
        if words.strip() and not words.strip().startswith(_WEB):
            self._lines[-1] = depth, f"{line[:begin]}[{words.strip()}]({address})"
        else:  # no words, or the address as many systems show it: shortened
            self._lines[-1] = depth, f"{line[:begin] if words else line} {address}"

    def _shift(self, tag: str, number: int, begin: int) -> None:
        """What was written from there on stands above or below the line."""
        depth, line = self._lines[-1]
        words, (small, sign) = line[begin:].strip(), _SHIFTED[tag]
        if not words or number != len(self._lines) or self._code or self._fenced:
            return
        if all(ord(c) in small for c in words):
            shifted = words.translate(small)
        else:
            shifted = sign + (words if words.isalnum() else f"({words})")
        self._lines[-1] = depth, line[:begin] + shifted


def _whole(address: str) -> str:
    """`address` so that all of it is a link in a text, where one ends before what no address has."""
    if any(found.typed == address for found in links.find(f"({address})")):
        return address
    return _FOREIGN.sub(lambda one: quote(one[0]), address) if address.startswith(_WEB) else address


def _escaped(words: str) -> str:
    """`words` with backslashes where they would be taken for markup."""
    if not _SPECIAL.search(words) or markup.plain(words) == words.strip():
        return words
    pieces, at = [], 0
    for address in links.find(words):
        pieces += [_SPECIAL.sub(r"\\\g<0>", words[at : address.begin]), address.typed]
        at = address.end
    return "".join(pieces) + _SPECIAL.sub(r"\\\g<0>", words[at:])


def _settled(line: str) -> str:
    """`line` with the marks of emphasis that count here: not within a word, nor around nothing."""
    for _ in range(_DEEPEST):
        line, number = _PAIR.subn(_marked, line)
        if not number:
            break
    return _LONE.sub("", line)


def _marked(pair: re.Match[str]) -> str:
    mark, words = pair[1], pair[2]
    beside = pair.string[: pair.start()][-1:] + pair.string[pair.end() : pair.end() + 1]
    inside = words.strip()
    if not inside or any(map(str.isalnum, beside)) or (mark == "`" and "`" in words):
        return words
    return words.replace(inside, f"{mark}{inside}{mark}", 1)

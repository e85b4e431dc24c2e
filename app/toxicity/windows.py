"""Long texts in overlapping pieces, so that an insult cannot hide in one."""

# about as many characters as the encoder reads at once
WINDOW = 600
STEP = 520


def windows(text: str) -> list[str]:
    """Overlapping pieces of at most WINDOW characters, cut at spaces."""
    if len(text) <= WINDOW:
        return [text]
    pieces, start = [], 0
    while start + WINDOW < len(text):
        stop = text.rfind(" ", start + STEP, start + WINDOW)
        pieces.append(text[start : stop if stop > 0 else start + WINDOW])
        start = max(text.rfind(" ", start, start + STEP), start + STEP // 2)
    return [*pieces, text[max(0, len(text) - WINDOW) :]]

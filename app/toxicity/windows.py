"""Long texts in overlapping pieces, so that an insult cannot hide in one."""

# about as many characters as the encoder reads at once
WINDOW_CHARACTERS = 600
STEP_CHARACTERS = 520


def windows(text: str) -> list[str]:
    """Overlapping pieces of at most WINDOW_CHARACTERS, cut at spaces."""
    if len(text) <= WINDOW_CHARACTERS:
        return [text]
    pieces, start = [], 0
    while start + WINDOW_CHARACTERS < len(text):
        stop = text.rfind(" ", start + STEP_CHARACTERS, start + WINDOW_CHARACTERS)
        pieces.append(text[start : stop if stop > 0 else start + WINDOW_CHARACTERS])
        start = max(text.rfind(" ", start, start + STEP_CHARACTERS), start + STEP_CHARACTERS // 2)
    return [*pieces, text[max(0, len(text) - WINDOW_CHARACTERS) :]]

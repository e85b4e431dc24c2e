"""The read side of the comments: slices of a thread, conversations, counts, and what one reader wrote."""

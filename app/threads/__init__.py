"""The read side of the comments: pages of a thread, conversations, counts, and what one reader wrote."""

"""The moderators' queue: what kinds of question there are, how an item comes to be, and in which order they stand."""

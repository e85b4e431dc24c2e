"""The moderators' pages and their API."""

"""Comments that readers who usually disagree both respect: found in their reactions, in the background."""

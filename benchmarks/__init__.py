"""Programs that measure. `make bench` prints the table of the busy paths; the others are run by name."""

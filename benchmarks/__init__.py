"""Programs that measure. Each prints one table; `make bench` runs them all."""

"""What makes the scorer's weights: the corpus, the fitting, the reports. Nothing that serves readers imports it."""

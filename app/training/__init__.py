"""What makes the scorer's weights: the corpus, the fitting, the evaluation. Nothing that serves readers imports it."""

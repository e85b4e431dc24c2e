"""What the paper's own decisions say of the thresholds: labels from moderators, measures, a proposal, a what-if."""

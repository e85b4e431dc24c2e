"""What the machine makes of a comment: signals collected, a verdict decided, carried out, and looked at again."""

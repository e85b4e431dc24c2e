"""What the machine does with a comment: screened, carried out, enforced, and looked at a second time."""

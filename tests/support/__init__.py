"""What tests share: worlds to act in, and the real parts they start."""

"""Text in, numbers out. Knows no account, no comment and no database."""

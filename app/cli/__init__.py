"""The command line, `btl`: one file a group of commands."""

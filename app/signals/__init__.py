"""What is known of one text, one file a family: what it collects, how it judges, and its words. Pure."""

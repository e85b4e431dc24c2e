"""Histories of comments in and out of the house."""

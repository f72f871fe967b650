"""Staging and events, beside one query written by hand."""

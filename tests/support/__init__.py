"""Servers and builders that the tests share."""

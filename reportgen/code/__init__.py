"""Submitted code, followed by an abstract machine over its syntax tree. None of it runs."""

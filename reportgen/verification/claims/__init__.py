"""Finds what a document claims, quantity by quantity."""

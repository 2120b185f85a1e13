"""The pages of a marked class."""

"""What is asked: specifications of assignments, networks counted by hand-style arithmetic, the plan for a roll."""

DEFAULT_ASSIGNMENT = "csl7590-a1"
"""Id of the assignment that is meant where none is named. It stands here so that the command line's help finds it
without loading pydantic."""

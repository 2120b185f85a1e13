"""Gradebooks, and the sheets of Canvas, Moodle and Gradescope."""

"""Marks submissions: reads code and reports without running them, and marks by the rubric with reasons."""

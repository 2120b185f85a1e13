"""reportgen: builds, checks and marks reports for deep-learning course assignments."""

__version__ = "0.1.0"

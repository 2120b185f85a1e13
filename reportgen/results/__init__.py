"""The bridge: what was computed, as data, read and written without torch."""

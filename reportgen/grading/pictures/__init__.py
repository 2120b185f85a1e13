"""The pictures of reports: read, compared with each other, judged."""

"""From results to files: the report as HTML and PDF, the standalone script. No torch."""

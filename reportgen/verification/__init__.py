"""Claims of a document, what is so, and a verdict on each."""

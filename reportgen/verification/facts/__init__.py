"""What is so: of the assignment, and of the document's own matrices and tables."""

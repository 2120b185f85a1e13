"""Any document as blocks of text with their places. No line of a document's code runs."""

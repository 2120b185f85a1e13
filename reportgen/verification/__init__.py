"""Reading documents, finding the claims in them, and judging each. No line of a document's code runs."""

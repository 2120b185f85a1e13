"""Following submitted Python without running it: an abstract machine over its syntax tree, and what it would do."""

"""From findings and a person's decisions to points."""

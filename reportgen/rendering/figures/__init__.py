"""The figures of a report: what stands where, in points, and how it is painted."""

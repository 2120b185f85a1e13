"""The ways through the house, which only call the rooms. Not in the root: `reportgen.verify` is a function there."""

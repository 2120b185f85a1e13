"""The ways through the house: they only call the rooms. No module of the root, whose names would hide `reportgen.verify`."""

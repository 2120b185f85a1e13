"""Strangers' files are read in processes of their own, with bounds on time and memory."""

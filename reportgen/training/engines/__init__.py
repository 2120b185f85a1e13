"""What trains one epoch: each engine computes the same function in another way."""

"""The fast engine on a CPU: loops along the rows of a whole batch, compiled by numba and LLVM."""

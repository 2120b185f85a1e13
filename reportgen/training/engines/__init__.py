"""What trains one epoch: each engine computes the same function in another way.

``engine.py`` says what an engine is, ``choice.py`` which one a build takes. ``plain`` is torch as it stands and runs
anywhere, ``cuda_graph`` is for a GPU, ``fast`` compiles loops of its own for this processor (``vectorized/``).
"""

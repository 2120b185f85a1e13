"""The fast engine on a CPU: loops along the rows of a whole batch, compiled by numba and LLVM.

**The layout.** A batch of images (N, C, H, W) lies as *planes* (``batch_rows.Planes``): for each channel and each row
of pixels, the same pixel of all N images side by side. In a row, the pixel to the right is N numbers further, so a loop
along a row is a loop over W·N neighbours: long, without gaps, with every lane of a vector register at work, however few
channels there are. For N = 2, W = 3, one row of a channel is, in units of numbers::

      lead (zeros)       w=0     w=1     w=2     zeros up to a multiple of LANES
    | 0 0 … 0 0 0 0 0 | a₀ b₀ | a₁ b₁ | a₂ b₂ | 0 0 … 0 |  next row: lead …
                      ^ ``lead``              ^ lead + used          ^ stride

    numbers of a row:  used = W·N;  stride = lead + used, rounded up;  row h of channel c begins at (c·H + h)·stride
    behind the last row of all: lead + 4·N + 4·LANES zeros more, the slack

A step of one column is an offset of N, a step of one row an offset of ``stride``; so a convolution is, for each weight,
one product of that weight with a row shifted by a constant, and zero padding is reading into the margin.

**What each margin promises.**

- ``lead`` is at least margin·N numbers, all zero: a reader may go ``margin`` columns to the left of a row and finds
  padding. Since the lead of the next row stands right behind a row, it may also go as far to the right.
- From ``lead + used`` to the end of the row all is zero: readers and writers go in whole vectors. Who writes a row in
  whole vectors makes them zero again (``pool``, ``convolve``), or writes only what is used.
- The slack lets the last row be read as any other. A block writes no vector that does not begin within the row.
- A stage says in ``margins`` what it needs on its two sides, ``[taken, given]``; it holds for the gradients, too, which
  travel the other way. ``quicken`` gives both sides of each seam the larger of the two wishes. A tensor that comes from
  torch is copied into planes with that margin (``Unit._planes``).
- ``_room`` hands out the same memory at each call with the same shape: what a stage gave is valid until its next
  ``forward``. Where the stage before does not need what it gave (``keeps`` is false), the gradient is written over it
  (``overwrites``); the margins must then be zero in the gradient, too.
- ``_Choices``, one byte beside each number of planes, has a row of slack behind its end.

**The files.** ``fused`` makes stages of layers and runs them; ``stages`` are those that take any tensor,
``image_stages`` those that take planes. ``loops`` and ``convolution`` hold what numba compiles, ``llvm`` the four
blocks that are written in LLVM's language, ``machine_code`` where the outcome is kept.

**To add a stage.** 1. Write the loop in ``loops.py`` under ``@compiled``, over rows, ``lead`` and ``used``; test it
against torch in ``test_loops.py``, with and without margins. 2. Write a ``Unit`` in ``image_stages.py``: ``forward``
keeps what ``backward`` needs, ``backward`` writes gradients into the parameters' ``grad`` and returns that of what was
taken; set ``margins`` and ``keeps``. 3. Let ``_build`` in ``fused.py`` choose it, for exactly the settings that it
computes; all else stays with ``Differentiated``. 4. Put it into ``self_test.build`` (a test asks for every stage) and
into the networks of ``test_fused.py`` and ``test_lanes.py``. A new block in ``llvm.py`` gets a twin in the tests'
``twins.py``: the twin is the reference, and holds each access to the memory that is there.
"""

"""Blocks of results of convolutions that stay in vector registers until they are done, for loops compiled by numba.

They are written in LLVM's own language, since neither numba nor LLVM would keep arrays in registers; LLVM turns them
into what the processor has. The sizes of a block are constants at each call. Nothing is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


class _Emitter:
    """Writes operations on vectors."""

    def __init__(self, context: Any, builder: Any, lanes: int) -> None:
        self._context, self._builder = context, builder
        self._lanes, self._vector = lanes, ir.VectorType(ir.FloatType(), lanes)
        kind = ir.FunctionType(self._vector, [self._vector] * 3)
        self._fused = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fmuladd.v{lanes}f32")

    def pointer(self, kind: Any, array: Any, at: Any) -> Any:
        """Where element ``at`` of a contiguous array is."""
        return self._builder.gep(self._context.make_array(kind)(self._context, self._builder, array).data, [at])

    def shift(self, pointer: Any, distance: Any) -> Any:
        """So many elements further."""
        distance = ir.IntType(64)(distance) if isinstance(distance, int) else distance
        return self._builder.gep(pointer, [distance])

    def load(self, pointer: Any) -> Any:
        """A vector of neighbours, not aligned."""
        kind = ir.VectorType(pointer.type.pointee, self._lanes)
        found = self._builder.load(self._builder.bitcast(pointer, kind.as_pointer()))
        found.align = 1
        return found

    def store(self, value: Any, pointer: Any) -> None:
        """The same way back."""
        self._builder.store(value, self._builder.bitcast(pointer, value.type.as_pointer())).align = 1

    def constant(self, kind: Any, number: int) -> Any:
        """The same number in every lane."""
        return ir.Constant(ir.VectorType(kind, self._lanes), [number] * self._lanes)

    def repeat(self, pointer: Any) -> Any:
        """One number in every lane."""
        empty = ir.Constant(self._vector, ir.Undefined)
        first = self._builder.insert_element(empty, self._builder.load(pointer), ir.IntType(32)(0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), self._lanes), [0] * self._lanes)
        return self._builder.shuffle_vector(first, empty, lanes)

    def variable(self, value: Any) -> Any:
        """A register that loops can change."""
        return cgutils.alloca_once_value(self._builder, value)

    def add_product(self, variable: Any, left: Any, right: Any) -> None:
        """variable += left · right"""
        self._builder.store(self._builder.call(self._fused, [left, right, self._builder.load(variable)]), variable)

    def smaller(self, number: int, other: Any) -> Any:
        """The smaller of two whole numbers."""
        constant = ir.IntType(64)(number)
        return self._builder.select(self._builder.icmp_signed("<", constant, other), constant, other)


def _clamped(emit: _Emitter, builder: Any, number: int, count: Any, distance: Any) -> Any:
    """Distance to the element ``number`` of ``count``, to the last where there are fewer."""
    last = builder.sub(count, ir.IntType(64)(1))
    return builder.mul(emit.smaller(number, last), distance)


def _convolve_block(
    _: Any, lanes: Any, channels: Any, vectors: Any, weights: Any, weights_at: Any, taps: Any, first: Any, last: Any,
    source: Any, source_at: Any, out: Any, out_at: Any, plane: Any, channels_left: Any, vectors_left: Any,
) -> tuple[Any, Callable[..., Any]]:  # fmt: skip
    """Write ``channels`` times ``vectors`` results; the channels of ``out`` are ``plane`` apart.

    ``weights`` from ``weights_at`` on: a start value for each channel, then one number for each channel for each tap.
    ``taps``: how far from ``source_at`` what they are multiplied by is; only ``first`` up to ``last`` count. Where
    fewer channels or vectors are left, the last ones are written several times, so must be there as often.
    """
    number = types.intp
    arguments = (weights, number, taps, number, number, source, number, out, *(number,) * 4)
    sizes = [size.literal_value for size in (lanes, channels, vectors)]

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        width, high, wide = sizes
        emit, (kinds, given) = _Emitter(context, builder, width), (signature.args[3:], values[3:])
        w, w_at, t, begin, end, s, s_at, o, o_at, apart, channels_there, vectors_there = given
        start = emit.pointer(kinds[0], w, w_at)
        first_tap = emit.pointer(kinds[2], t, ir.IntType(64)(0))
        shifts = [_clamped(emit, builder, v, vectors_there, ir.IntType(64)(width)) for v in range(wide)]
        sources = [emit.shift(emit.pointer(kinds[5], s, s_at), shift) for shift in shifts]
        sums = [[emit.variable(emit.repeat(emit.shift(start, c))) for _ in shifts] for c in range(high)]
        with cgutils.for_range(builder, end, start=begin) as loop:
            distance = builder.load(emit.shift(first_tap, loop.index))
            pixels = [emit.load(emit.shift(pointer, distance)) for pointer in sources]
            row = emit.shift(start, builder.mul(builder.add(loop.index, ir.IntType(64)(1)), ir.IntType(64)(high)))
            for c in range(high):
                weight = emit.repeat(emit.shift(row, c))
                for total, pixel in zip(sums[c], pixels, strict=True):
                    emit.add_product(total, weight, pixel)
        for c in range(high):
            target = emit.shift(emit.pointer(kinds[7], o, o_at), _clamped(emit, builder, c, channels_there, apart))
            for total, shift in zip(sums[c], shifts, strict=True):
                emit.store(builder.load(total), emit.shift(target, shift))
        return context.get_dummy_value()

    return types.void(lanes, channels, vectors, *arguments), generate


convolve_block: Any = intrinsic(prefer_literal=True)(_convolve_block)


def _correlate_block(
    _: Any, lanes: Any, channels: Any, taps: Any, sums: Any, sums_at: Any, gradient: Any, gradient_at: Any, plane: Any,
    gradient_row: Any, channels_left: Any, source: Any, source_at: Any, source_row: Any, apart: Any, rows: Any,
    vectors: Any,
) -> tuple[Any, Callable[..., Any]]:  # fmt: skip
    """Add products of two images, for ``channels`` of the gradient and ``taps`` shifts of the source, ``apart`` from
    another, to vectors of ``sums`` whose lanes remain to be summed.

    Channels of the gradient are ``plane`` apart; where fewer are left, the last is taken several times.
    """
    number = types.intp
    arguments = (sums, number, gradient, *(number,) * 4, source, *(number,) * 5)
    sizes = [size.literal_value for size in (lanes, channels, taps)]

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        width, high, wide = sizes
        emit, (kinds, given) = _Emitter(context, builder, width), (signature.args[3:], values[3:])
        s, s_at, g, g_at, g_plane, g_row, there, x, x_at, x_row, distance, row_count, vector_count = given
        target = emit.pointer(kinds[0], s, s_at)
        places = [[emit.shift(target, (c * wide + t) * width) for t in range(wide)] for c in range(high)]
        totals = [[emit.variable(emit.load(place)) for place in row] for row in places]
        first_gradient = emit.pointer(kinds[2], g, g_at)
        gradients = [emit.shift(first_gradient, _clamped(emit, builder, c, there, g_plane)) for c in range(high)]
        first_source = emit.pointer(kinds[7], x, x_at)
        sources = [emit.shift(first_source, builder.mul(ir.IntType(64)(t), distance)) for t in range(wide)]
        with cgutils.for_range(builder, row_count) as row, cgutils.for_range(builder, vector_count) as vector:
            along = builder.mul(vector.index, ir.IntType(64)(width))
            in_gradient = builder.add(builder.mul(row.index, g_row), along)
            in_source = builder.add(builder.mul(row.index, x_row), along)
            pixels = [emit.load(emit.shift(pointer, in_source)) for pointer in sources]
            for c in range(high):
                slope = emit.load(emit.shift(gradients[c], in_gradient))
                for total, pixel in zip(totals[c], pixels, strict=True):
                    emit.add_product(total, slope, pixel)
        for row_totals, row_places in zip(totals, places, strict=True):
            for total, place in zip(row_totals, row_places, strict=True):
                emit.store(builder.load(total), place)
        return context.get_dummy_value()

    return types.void(lanes, channels, taps, *arguments), generate


correlate_block: Any = intrinsic(prefer_literal=True)(_correlate_block)


def _pool_block(
    _: Any, lanes: Any, upper: Any, upper_at: Any, lower: Any, lower_at: Any, apart: Any, out: Any, choice: Any,
    out_at: Any, rectify: Any, vectors: Any,
) -> tuple[Any, Callable[..., Any]]:  # fmt: skip
    """Write maxima over 2×2 windows of two rows, whose columns are ``apart``, and which of the four they are, 0…3.

    If ``rectify``, those that are not above zero become zero and their choice 4. ``out`` and ``choice`` are alike.
    """
    number, width = types.intp, lanes.literal_value
    arguments = (upper, number, lower, number, number, out, choice, number, types.boolean, number)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        emit, (kinds, given) = _Emitter(context, builder, width), (signature.args[1:], values[1:])
        u, u_at, low, low_at, distance, o, c, at, cuts, vector_count = given
        left = [emit.pointer(kinds[0], u, u_at), emit.pointer(kinds[2], low, low_at)]
        target, choices = emit.pointer(kinds[5], o, at), emit.pointer(kinds[6], c, at)
        byte = choices.type.pointee
        with cgutils.for_range(builder, vector_count) as vector:
            along = builder.mul(vector.index, ir.IntType(64)(width))
            pixels = [emit.load(emit.shift(emit.shift(row, along), step)) for row in left for step in (0, distance)]
            largest, which = pixels[0], emit.constant(byte, 0)
            for place, pixel in enumerate(pixels[1:], start=1):
                # as in torch the first of equal ones is chosen, and a number that is none is the largest
                above, none = builder.fcmp_ordered(">", pixel, largest), builder.fcmp_unordered("uno", pixel, pixel)
                larger = builder.or_(above, none)
                largest = builder.select(larger, pixel, largest)
                which = builder.select(larger, emit.constant(byte, place), which)
            zero = ir.Constant(largest.type, None)
            low_enough = builder.fcmp_ordered("<=", largest, zero)
            cut = builder.select(cuts, low_enough, ir.Constant(low_enough.type, None))
            emit.store(builder.select(cut, zero, largest), emit.shift(target, along))
            emit.store(builder.select(cut, emit.constant(byte, 4), which), emit.shift(choices, along))
        return context.get_dummy_value()

    return types.void(lanes, *arguments), generate


pool_block: Any = intrinsic(prefer_literal=True)(_pool_block)


def _unpool_block(
    _: Any, lanes: Any, below: Any, below_choice: Any, below_at: Any, above: Any, above_choice: Any, above_at: Any,
    apart: Any, out: Any, out_at: Any, vectors: Any,
) -> tuple[Any, Callable[..., Any]]:  # fmt: skip
    """Write the gradient of a row of pixels, from the windows that begin in it (below) and those that end in it.

    Gradients are zero where no window is: for one column on the left, and as far as the ``vectors`` reach.
    """
    number, width = types.intp, lanes.literal_value
    arguments = (below, below_choice, number, above, above_choice, number, number, out, number, number)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        emit, (kinds, given) = _Emitter(context, builder, width), (signature.args[1:], values[1:])
        b, b_choice, b_at, a, a_choice, a_at, distance, o, at, vector_count = given
        rows = [(emit.pointer(kinds[0], b, b_at), emit.pointer(kinds[1], b_choice, b_at))]
        rows += [(emit.pointer(kinds[3], a, a_at), emit.pointer(kinds[4], a_choice, a_at))]
        target = emit.pointer(kinds[7], o, at)
        with cgutils.for_range(builder, vector_count) as vector:
            along = builder.mul(vector.index, ir.IntType(64)(width))
            parts = []
            for place in range(4):
                start = builder.sub(along, distance) if place % 2 else along
                slope, which = (emit.load(emit.shift(pointer, start)) for pointer in rows[place // 2])
                chosen = builder.icmp_signed("==", which, emit.constant(which.type.element, place))
                parts.append(builder.select(chosen, slope, ir.Constant(slope.type, None)))
            total = builder.fadd(builder.fadd(parts[0], parts[1]), builder.fadd(parts[2], parts[3]))
            emit.store(total, emit.shift(target, along))
        return context.get_dummy_value()

    return types.void(lanes, *arguments), generate


unpool_block: Any = intrinsic(prefer_literal=True)(_unpool_block)

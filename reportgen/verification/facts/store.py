"""What is so, from wherever it is known: gathered once, before anything is judged."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import log

from reportgen.assignment.datasets import PUBLISHED, Published
from reportgen.verification.claims.code_networks import code_blocks, read_code
from reportgen.verification.claims.layer_runs import read_runs
from reportgen.verification.claims.matrices import Matrix, find_matrices
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.summaries import Summary, find_summaries
from reportgen.verification.claims.summary_networks import summary_network
from reportgen.verification.facts.code import Code
from reportgen.verification.facts.networks import Form, StatedNetwork, sharpened
from reportgen.verification.facts.subject import Subject
from reportgen.verification.ledger import Quantity, Scope, Source

_MATRIX = re.compile(r"confusion|konfusion|混同行列|混淆矩阵|혼동|confusión|confusione", re.I)
_CROSS_ENTROPY = re.compile(
    r"cross[\s_-]*entrop|crossentropy|nll_?loss|log[\s_-]*loss|entrop[ií]a\s+cruzada|entropie\s+crois|交叉熵|交差エントロピー|"
    r"kreuzentropie|entropia\s+(?:creuada|cruzada|incrociata)",
    re.I,
)
_OTHER_LOSS = re.compile(
    r"\bmse\b|mean[\s_-]*squared?|\bmae\b|hinge|\bl1\s*loss|focal|huber|triplet|contrastive|kl[\s_-]*div|smoothing|"
    r"\bmse_?loss|binary[\s_-]*cross|\bbce",
    re.I,
)
_SCALED = re.compile(
    r"multi[\s_-]*label|(?:class|sample|pos)_?\s?weight|weighted[\s_]*(?:cross|loss)|accumulat\w*[\s_-]*(?:grad|step)|"
    r"grad\w*[\s_-]*accum|accum\w*_steps|mix_?up|cut_?mix|distill",
    re.I,
)
"""What lets a mean loss be below what errors cost: several answers an image, weights, parts of a step, other labels."""
_LEAST_COST = 0.043
"""Focal loss (γ = 2, α = 1/4) ln 2/16, mean squared error over ten softmax outputs 1/20."""


@dataclass(frozen=True)
class CountFact:
    """A number of parameters that is so."""

    value: int
    quantity: Quantity
    scope: Scope
    source: Source
    how: str


@dataclass(frozen=True)
class Facts:
    """The store. The assignment is the last of the referents, and only where the document answers it."""

    subject: Subject
    page: Page
    datasets: tuple[Published, ...]
    """Those that the document names."""
    matrices: tuple[Matrix, ...]
    summaries: tuple[Summary, ...]
    networks: tuple[StatedNetwork, ...] = ()
    """Those that the document states, each once for each place where it does."""
    code: Code | None = None
    """What the code beside the document says, or the notebook's own."""

    @cached_property
    def counts(self) -> dict[int, list[CountFact]]:
        """Numbers of parameters by their value."""
        found: dict[int, list[CountFact]] = {}
        for fact in (*self._asked(), *self._summed(), *self._stated()):
            found.setdefault(fact.value, []).append(fact)
        return found

    def _asked(self) -> Iterator[CountFact]:
        for part in self.subject.parts:
            for index, layer in enumerate(part.count.layers):
                if layer.trainable:
                    how = f"{layer.name} of {part.asked.short_title}: {layer.derivation}"
                    scope = Scope(experiment=part.id, layer=index)
                    yield CountFact(layer.trainable, Quantity.LAYER_PARAMETERS, scope, Source.ASSIGNMENT, how)
            how = f"{part.asked.short_title}: {part.count.total_derivation}"
            scope = Scope(experiment=part.id)
            yield CountFact(part.count.trainable, Quantity.TOTAL_PARAMETERS, scope, Source.ASSIGNMENT, how)

    def _summed(self) -> Iterator[CountFact]:
        for summary in self.summaries:
            for row in summary.rows:
                if row.count:
                    how = f"the row {row.kind} of the summary"
                    yield CountFact(row.count, Quantity.LAYER_PARAMETERS, Scope(), Source.DOCUMENT_NETWORK, how)
            for total in summary.totals:
                if total.count:
                    how = f"{total.label} parameters of the summary"
                    yield CountFact(total.count, Quantity.TOTAL_PARAMETERS, Scope(), Source.DOCUMENT_NETWORK, how)

    def _stated(self) -> Iterator[CountFact]:
        for network in self.networks:
            for total in network.totals:
                how = f"the layers that are stated at {network.block.place} have {total:,} parameters"
                scope = Scope(network=network.name or None)
                yield CountFact(total, Quantity.TOTAL_PARAMETERS, scope, Source.DOCUMENT_NETWORK, how)
            for index, counts in enumerate(network.each if network.whole else ()):
                for count in counts - network.totals - {0}:
                    how = f"layer {index + 1} of the network at {network.block.place} has {count:,} parameters"
                    scope = Scope(network=network.name or None, layer=index)
                    yield CountFact(count, Quantity.LAYER_PARAMETERS, scope, Source.DOCUMENT_NETWORK, how)

    @cached_property
    def forms(self) -> dict[int, set[Form]]:
        """In which forms the networks of each total are stated."""
        found: dict[int, set[Form]] = {}
        for network in self.networks:
            for total in network.totals:
                found.setdefault(total, set()).add(network.form)
        return found

    @cached_property
    def rates(self) -> dict[Quantity, list[tuple[Fraction, int]]]:
        """What the matrices give as accuracies, errors and scores of classes, by size, each with its matrix's index."""
        found: dict[Quantity, list[tuple[Fraction, int]]] = {}
        for at, matrix in enumerate(self.matrices):
            scores = matrix.scores()
            whole = (matrix.share, *scores)
            found.setdefault(Quantity.ACCURACY, []).extend((share, at) for share in whole)
            found.setdefault(Quantity.ERROR_RATE, []).extend((1 - share, at) for share in whole)
            for quantity in (Quantity.PRECISION, Quantity.RECALL, Quantity.F1):
                found.setdefault(quantity, []).extend((share, at) for share in scores)
        return {quantity: sorted(own) for quantity, own in found.items()}

    @cached_property
    def placed(self) -> list[Matrix]:
        """The matrices in the order in which they stand."""
        return sorted(self.matrices, key=lambda matrix: matrix.at)

    @cached_property
    def cost_of_an_error(self) -> float:
        """What the mean loss is at least, in nats, for each image that is answered wrong; 0 where that isn't known.

        Of cross-entropy, where the document or its code has it and no other loss, ln 2. Where a confusion matrix shows
        that each image has one answer, `_LEAST_COST`, the least of what is usual. Binary cross-entropy over 36 outputs
        costs ln 2/36 for an image that is wrong in one of them.
        """
        texts = (self.page.text, self.code.text if self.code else "")
        if any(_SCALED.search(text) for text in texts):
            return 0
        if any(_CROSS_ENTROPY.search(text) for text in texts) and not any(_OTHER_LOSS.search(text) for text in texts):
            return log(2)
        return _LEAST_COST if self.matrices else 0

    @cached_property
    def shares(self) -> dict[Fraction, int]:
        """How often each share stands in tables and logs, in hundredths."""
        found: dict[Fraction, int] = {}
        for grid in self.page.grids:
            for row in grid.cells:
                for cell in row:
                    if cell is not None and cell.number.decimals and cell.unit not in {"k", "K", "M", "B"}:
                        for value in {cell.value, cell.value * 100}:
                            found[value] = found.get(value, 0) + 1
        return found


def gather_facts(page: Page, code: Code | None = None) -> Facts:
    """Gather what is so from the assignment, the data sets, the document itself and the code beside it."""
    subject = page.subject
    named = tuple(one for one in PUBLISHED if re.search(one.names, page.text, re.I))
    if any(one.title != "MNIST" for one in named):
        plain = re.sub(r"(?:fashion|k(?:uzushiji)?|e)[\s_-]*mnist", "", page.text, flags=re.I)
        named = tuple(one for one in named if one.title != "MNIST" or re.search(one.names, plain, re.I))
    summaries = tuple(find_summaries(page))
    known = {part.test_counts for part in subject.parts}
    if subject.dataset is not None:
        known.add(subject.dataset.label_counts["test"])
    return Facts(
        subject,
        page,
        named,
        tuple(
            matrix
            for matrix in find_matrices(page.blocks, page.contexts, known)
            if _is_named(matrix, page, known, named)
        ),
        summaries,
        tuple(_networks(page, named, summaries)),
        code,
    )


def _networks(page: Page, named: Collection[Published], summaries: Collection[Summary]) -> Iterator[StatedNetwork]:
    shapes = [dataset.image_shape for dataset in named]
    if not shapes and page.subject.dataset is not None:
        shapes = [page.subject.dataset.image_shape]
    inputs = tuple(dict.fromkeys(shapes))
    skipped = set(code_blocks(page)).union(*(summary.at for summary in summaries))
    coded = tuple(read_code(page, inputs))
    yield from coded
    for summary in summaries:
        network = summary_network(summary, inputs)
        if network is not None:
            yield sharpened(network, coded)
    yield from read_runs(page, inputs, skipped)


def _is_named(matrix: Matrix, page: Page, known: Collection[tuple[int, ...]], datasets: Collection[Published]) -> bool:
    """Tell a confusion matrix from any other square table: by its name nearby, or by the images that it counts."""
    if matrix.sums in known or matrix.total in {size for one in datasets for size in one.sizes}:
        return True
    near = page.blocks[max(0, matrix.at - 6) : matrix.at + len(matrix.rows) + 4]
    return any(_MATRIX.search(block.text) for block in near)

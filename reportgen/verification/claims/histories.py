"""Tables of epochs: what their columns measure, and what can't be true in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.assignment.layers import double_softmax_floor, rests_on_double_softmax_floor
from reportgen.documents.blocks import Block
from reportgen.verification.claims.tables import Table, as_share, decimal, whole_number
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Note, Verdict

_SPLITS = {"test": r"test", "validation": r"valid|\bval\b|\bdev\b", "train": r"train"}


@dataclass(frozen=True)
class History:
    """A table of epochs: its columns by what they measure (``test accuracy``), as parts of 1 or nats."""

    part: Part | None
    columns: dict[str, tuple[tuple[int, Fraction, Fraction, str, Block], ...]]
    """Epoch, value, half the unit of its last place, as printed, and the row."""


def find_histories(tables: Sequence[Table], subject: Subject) -> list[History]:
    """Find the tables whose rows are epochs."""
    histories = []
    for table in tables:
        if not table.head or not re.search(r"epoch", table.head[0], re.I):
            continue
        columns = {}
        for index, head in enumerate(table.head[1:], 1):
            what = "accuracy" if re.search(r"acc", head, re.I) else "loss" if re.search(r"loss", head, re.I) else None
            split = split_of(head)
            if what is None:
                continue
            cells = []
            for row in table.rows:
                epoch = whole_number(row.cells[0]) if row.cells else None
                cell = table.cell(row, index)
                number = decimal(cell)
                if epoch is None or number is None:
                    continue
                half = Fraction(1, 10**number.decimals) / 2
                value, half = as_share(number, f"{cell} {head}") if what == "accuracy" else (number.value, half)
                cells.append((epoch, value, half, cell, row.block))
            columns[f"{split or 'test'} {what}"] = tuple(cells)
        if columns:
            histories.append(History(subject.part(table.context.part), columns))
    return histories


def split_of(text: str) -> str | None:
    """Tell which split of the data words name last: test, validation or train."""
    at = {name: match.start() for name, pattern in _SPLITS.items() for match in re.finditer(pattern, text, re.I)}
    return max(at, key=lambda name: at[name]) if at else None


def check_history(history: History, subject: Subject, findings: Findings) -> None:
    """Judge a table of epochs by itself."""
    total = subject.dataset.sizes["test"]
    for name, rows in history.columns.items():
        for _, value, half, printed, block in rows:
            wrong = None
            if name.endswith("accuracy") and value > 1:
                wrong = "an accuracy is at most 100 %"
            elif name == "test accuracy" and abs(Fraction(round(value * total), total) - value) > half:
                wrong = f"no whole number of {total:,} test images gives it"
            if wrong:
                findings.add(
                    "history",
                    Verdict.CONTRADICTED,
                    block,
                    f"{name}: {printed}",
                    wrong,
                    found=printed,
                    experiment=history.part.id if history.part else None,
                )
    _note_double_softmax(history, findings)


def _note_double_softmax(history: History, findings: Findings) -> None:
    rows, accuracies = history.columns.get("test loss", ()), history.columns.get("test accuracy", ())
    if history.part is None or not rows or not accuracies:
        return
    classes = history.part.classes
    _, loss, half, *_ = rows[-1]  # 1.46 may stand for 1.4612
    if rests_on_double_softmax_floor(float(loss + half), float(accuracies[-1][1]), classes):
        findings.notes.append(
            Note(
                text=f"the loss flattens just above {double_softmax_floor(classes):.4f} while "
                f"the accuracy is {float(accuracies[-1][1]):.1%}: "
                "softmax was applied twice, once by the network and once by the loss",
                place=rows[-1][4].place,
                experiment=history.part.id,
            )
        )

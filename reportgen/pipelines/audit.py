"""A report of ours held against its trained weights and the data set: the one part of verifying that needs torch."""

from pathlib import Path

from reportgen.assignment.datasets import DATASETS
from reportgen.errors import UnreadableError, UsageError
from reportgen.files import digest
from reportgen.own_reports.evaluated import Answered, judge_weights
from reportgen.results.schema import Results
from reportgen.training.images import find_images
from reportgen.training.reevaluation import reevaluate
from reportgen.verification.ledger import Ledger


def audit(ledger: Ledger, carried: Results, weights: Path, data_dir: Path | None) -> Ledger:
    """Evaluate every network of a report anew and return the ledger with what that proves.

    Args:
        ledger: what reading the report gave.
        carried: the results that the report carries.
        weights: folder that `reportgen build` wrote, or the one in it with a safetensors file for each experiment.
        data_dir: folder with the data set's files; searched for where left out.

    Raises:
        UnreadableError: a file is missing, or does not hold the network.
        DataError: the data set is not to be had.
        UsageError: the data set is not the one that the report was made with.
    """
    plan = carried.plan
    images, _ = find_images(DATASETS[plan.dataset], "digits" if plan.preview else "mnist", data_dir)
    if images.digests != carried.data.digests:
        raise UsageError(f"{ledger.source} was made with other data than is to be had here; nothing was evaluated.")
    folder = weights / "weights" if (weights / "weights").is_dir() else weights
    for experiment, result in zip(plan.experiments, carried.experiments, strict=True):
        path = folder / Path(result.weights).name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UnreadableError(
                f"cannot read {path}: {error.strerror}. Give the folder of the report or of its weights."
            ) from None
        answer = reevaluate(experiment, content, images, str(path))
        wrong = tuple(int(index) for index in (~answer.allows(result.predictions)).nonzero()[0])
        ledger = judge_weights(ledger, result, Answered(digest(content), wrong, answer.loss))
    return ledger

"""A report's predictions held against what its trained weights answer. Judges numbers only: no torch here."""

from dataclasses import dataclass

from reportgen.documents.blocks import Place
from reportgen.results.schema import ExperimentResult
from reportgen.verification.ledger import Claim, Fact, Ledger, Number, Quantity, Rule, Scope, Source, Verdict

_LOSS_TOLERANCE = 1e-4
"""Nats by which the mean loss may differ between machines."""


@dataclass(frozen=True)
class Answered:
    """What the weights of one experiment answer on the test set."""

    digest: str
    """SHA-256 of the weights' file."""
    wrong: tuple[int, ...]
    """Indices of the test images for which they do not give the stored prediction."""
    loss: float
    """Mean cross-entropy, nats."""


def judge_weights(ledger: Ledger, experiment: ExperimentResult, answered: Answered) -> Ledger:
    """Return the ledger with what the weights of one experiment prove or refute, in place of what was open."""
    claims: list[Claim] = []

    def enter(verdict: Verdict, text: str, rule: str, expected: str, found: str) -> None:
        claims.append(
            Claim(
                quantity=Quantity.WEIGHTS,
                verdict=verdict,
                rule=Rule.OWN_WEIGHTS,
                place=Place(),
                text=text,
                scope=Scope(experiment=experiment.id),
                number=Number(printed=found, value=found),
                fact=Fact(value=expected, source=Source.RESULTS),
                how=rule,
            )
        )

    name, total = experiment.weights, len(experiment.predictions)
    if answered.digest != experiment.weights_digest:
        enter(
            Verdict.CONTRADICTED,
            f"SHA-256 of {name}",
            "the digest of the file given",
            answered.digest,
            experiment.weights_digest,
        )
    if answered.wrong:
        enter(
            Verdict.CONTRADICTED,
            f"the predictions of {experiment.id}",
            f"{name} evaluated on the test set; the first that differs is of image {answered.wrong[0]}",
            f"{total:,} predictions of the network",
            f"{len(answered.wrong):,} of them otherwise",
        )
    if abs(answered.loss - experiment.test_loss) > _LOSS_TOLERANCE:
        enter(
            Verdict.CONTRADICTED,
            f"the test loss of {experiment.id}",
            f"{name} evaluated on the test set",
            f"{answered.loss:.6f}",
            f"{experiment.test_loss:.6f}",
        )
    if not claims:
        enter(
            Verdict.VERIFIED,
            f"{total:,} predictions and the test loss of {experiment.id}",
            f"{name} evaluated on the test set",
            f"{answered.loss:.6f} nats",
            f"{experiment.test_loss:.6f} nats",
        )
    open_before = (Rule.OWN_WEIGHTS, Verdict.UNVERIFIABLE, experiment.id)
    others = [claim for claim in ledger.claims if (claim.rule, claim.verdict, claim.experiment) != open_before]
    return ledger.model_copy(update={"claims": (*others, *claims)})

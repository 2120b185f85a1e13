"""What the checks of one document collect."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reportgen.documents.blocks import Block
from reportgen.verification.facts.truths import Truths
from reportgen.verification.ledger import Claim, Missing, Note, Verdict


@dataclass
class Findings:
    """The claims found so far, and what later checks need of them."""

    claims: list[Claim] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    """The block of each claim."""
    missing: list[Missing] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    totals: set[str] = field(default_factory=set)
    """Experiments whose number of trainable parameters is given."""
    truths: Truths = field(default_factory=Truths)
    """What is true of the assignment and of the document's matrices, and the numbers that the document prints."""
    own: bool = False
    """The document is a report of ours, and its results hold together."""
    other_data: bool = False
    """The document says that it does not use the assignment's data set."""

    def add(
        self,
        kind: str,
        verdict: Verdict,
        block: Block,
        text: str,
        rule: str,
        *,
        expected: object = None,
        found: object = None,
        decide: str | None = None,
        experiment: str | None = None,
        deviation: bool = False,
    ) -> None:
        """Enter a claim."""
        self.blocks.append(block)
        self.claims.append(
            Claim(
                kind=kind,
                verdict=verdict,
                place=block.place,
                text=" ".join(text.split())[:400],
                rule=rule,
                expected=None if expected is None else str(expected)[:200],
                found=None if found is None else str(found)[:200],
                decide=decide,
                experiment=experiment,
                deviation=deviation,
            )
        )

    def keep_verified(self) -> None:
        """Drop the claims that are not verified: a better witness than their words has judged them."""
        kept = [index for index, claim in enumerate(self.claims) if claim.verdict is Verdict.VERIFIED]
        self.claims, self.blocks = [self.claims[index] for index in kept], [self.blocks[index] for index in kept]

    def extend(self, other: "Findings") -> None:
        """Take over the claims of ``other``."""
        self.claims.extend(other.claims)
        self.blocks.extend(other.blocks)

    def ordered(self, blocks: Sequence[Block]) -> tuple[Claim, ...]:
        """Return the claims in the order of ``blocks``; those of no block come last."""
        order = {id(block): index for index, block in enumerate(blocks)}
        keys = [order.get(id(block), len(blocks)) for block in self.blocks]
        return tuple(claim for _, claim in sorted(zip(keys, self.claims, strict=True), key=lambda entry: entry[0]))

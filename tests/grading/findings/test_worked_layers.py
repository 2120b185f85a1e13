from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.worked_layers import judge_layers
from reportgen.verification.facts.subject import make_subject
from reportgen.verification.ledger import Claim, Ledger, Number, Quantity, Rule, Scope, Verdict

CSL = load_spec("csl7590-a1")
SUBJECT = make_subject(CSL, None)
LAYERS = (0, 3, 6, 10)
"""Indices of the layers with parameters."""


def claim(
    layer: int | None,
    number: str = "800",
    verdict: Verdict = Verdict.VERIFIED,
    rule: Rule = Rule.ARITHMETIC,
    experiment: str = "experiment-1",
    how: str = "",
) -> Claim:
    return Claim(
        quantity=Quantity.LAYER_PARAMETERS,
        verdict=verdict,
        rule=rule,
        place=Place(line=1),
        text="",
        scope=Scope(experiment=experiment, layer=layer),
        number=Number(printed=number, value=number) if number else None,
        how=how,
    )


def judged(*claims: Claim) -> dict[str | None, Finding]:
    ledger = Ledger(source="r.md", kind="markdown", digest="0", assignment=CSL.id, claims=claims)
    found = list(judge_layers(ledger, SUBJECT))
    assert [one.experiment for one in found] == ["experiment-1", "experiment-2"]
    return {one.experiment: one for one in found}


def test_layers_are_counted_by_the_claims_that_are_about_them() -> None:
    found = judged(*(claim(layer) for layer in LAYERS))
    assert found["experiment-1"].kind is FindingKind.MET
    assert "4 layers" in found["experiment-1"].reason
    assert found["experiment-2"].kind is FindingKind.UNDECIDED
    assert found["experiment-2"].reason == "no right working was found of: Fully Connected Output Layer"
    assert found["experiment-2"].expected == "Fully Connected Output Layer: (676·4) + 4 = 2,708"
    assert judged(*(claim(layer) for layer in LAYERS[:3]))["experiment-1"].kind is FindingKind.UNDECIDED


def test_wrong_and_open_claims_count_nothing() -> None:
    for verdict in (Verdict.CONTRADICTED, Verdict.UNVERIFIABLE):
        found = judged(*(claim(layer, verdict=verdict) for layer in LAYERS))
        assert found["experiment-1"].kind is FindingKind.UNDECIDED


def test_a_symbol_without_value_is_named_with_its_place() -> None:
    symbol = claim(10, "", Verdict.UNVERIFIABLE, Rule.NO_VALUE, how="never worked out: size has no value")
    found = judged(*(claim(layer) for layer in LAYERS[:3]), symbol)["experiment-1"]
    assert (found.kind, found.place, found.found) == (FindingKind.UNDECIDED, Place(line=1), "no number")
    assert "size has no value" in found.reason


def test_a_network_of_another_size_counted_right_is_worked_out() -> None:
    other = claim(None, "1312").model_copy(update={"quantity": Quantity.NETWORK, "verdict": Verdict.DEVIATES})
    found = judged(other, claim(None, "1312"), *(claim(layer) for layer in LAYERS[1:]))["experiment-1"]
    assert found.kind is FindingKind.MET
    assert "that the report describes" in found.reason

from reportgen.assignment.bundled import load_spec
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.worked_layers import judge_layers
from reportgen.verification.facts.subject import make_subject
from reportgen.verification.ledger import Claim, Ledger, Verdict

CSL = load_spec("csl7590-a1")
SUBJECT = make_subject(CSL, None)
WORKINGS = ("(1*7*7*16) + 16 = 800", "(16*5*5*8) + 8 = 3,208", "(8*3*3*4) + 4 = 292", "(676*10) + 10 = 6,770")
NAMES = ("Convolution Layer 1", "Convolution Layer 2", "Convolution Layer 3", "Fully Connected Output Layer")


def claim(text: str, rule: str = "exact arithmetic", kind: str = "arithmetic", **more: object) -> Claim:
    given: dict[str, object] = {"kind": kind, "verdict": Verdict.VERIFIED, "place": Place(line=1), "text": text}
    return Claim.model_validate({**given, "rule": rule, **more})


def judged(*claims: Claim) -> dict[str | None, Finding]:
    ledger = Ledger(source="r.md", kind="markdown", digest="0", assignment=CSL.id, claims=claims)
    found = list(judge_layers(ledger, SUBJECT))
    assert [one.experiment for one in found] == ["experiment-1", "experiment-2"]
    return {one.experiment: one for one in found}


def test_layers_are_counted_by_the_claims_that_name_them() -> None:
    named = [claim("", f"{name} of Experiment 1: right", "layer-count", experiment="experiment-1") for name in NAMES]
    found = judged(*named)
    assert found["experiment-1"].kind is FindingKind.MET
    assert found["experiment-2"].kind is FindingKind.UNDECIDED
    assert found["experiment-2"].reason == "no right working was found of: Fully Connected Output Layer"
    assert found["experiment-2"].expected == "Fully Connected Output Layer: (676·4) + 4 = 2,708"
    assert judged(*named[:3])["experiment-1"].kind is FindingKind.UNDECIDED


def test_layers_are_counted_by_their_workings() -> None:
    both = [claim(text) for text in (*WORKINGS, "(676*4) + 4 = 2,708")]
    assert {one.kind for one in judged(*both).values()} == {FindingKind.MET}
    assert "4 layers" in judged(*both)["experiment-1"].reason


def test_an_experiment_with_a_longer_number_is_another() -> None:
    named = [claim("", f"{name} of Experiment 12: right", "layer-count") for name in NAMES]
    assert judged(*named)["experiment-1"].kind is FindingKind.UNDECIDED


def test_wrong_and_open_claims_count_nothing() -> None:
    for verdict in (Verdict.CONTRADICTED, Verdict.UNVERIFIABLE):
        open_claims = [claim(text, verdict=verdict) for text in WORKINGS]
        assert judged(*open_claims)["experiment-1"].kind is FindingKind.UNDECIDED


def test_a_symbol_without_value_is_named_with_its_place() -> None:
    symbol = claim(
        "(size * 10) + 10",
        "never worked out: size has no value; Fully Connected Output Layer of Experiment 1: (676·10) + 10 = 6,770",
        "symbol",
        verdict=Verdict.UNVERIFIABLE,
        place=Place(page=6, line=22),
    )
    found = judged(*(claim(text) for text in WORKINGS[:3]), symbol)["experiment-1"]
    assert (found.kind, found.place, found.found) == (FindingKind.UNDECIDED, Place(page=6, line=22), "no number")
    assert "size has no value" in found.reason


def test_a_network_of_another_size_counted_right_is_worked_out() -> None:
    other = claim(
        "1,312", "right for the layer", "layer-count", experiment="experiment-1", deviation=True, found="1,312"
    )
    found = judged(other, *(claim(text) for text in WORKINGS[1:]))["experiment-1"]
    assert found.kind is FindingKind.MET
    assert "that the report describes" in found.reason

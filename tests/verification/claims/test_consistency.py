"""Sentences about whole tables: places in every column, stable orders, trends, ranges."""

import pytest

from reportgen.verification.ledger import Verdict
from tests.verification.claims.test_comparisons import compared, page

RIGHT, WRONG = {Verdict.VERIFIED}, {Verdict.CONTRADICTED}
PLACES = (
    ("Model", "Group", "Home acc", "Cloud acc", "Parameters", "GPU speedup"),
    (
        ("Alpha", "A", "91.2", "90.9", "12,000", "4.1x"),
        ("Beta", "A", "93.4", "90.1", "47,500", "38.0x"),
        ("Gamma", "B", "92.0", "92.2", "24,100", "9.5x"),
        ("Delta", "B", "88.7", "89.3", "6,100", "1.2x"),
        ("Omega", "B", "90.4", "91.8", "9,000", "2.0x"),
    ),
)
RUNS = (
    ("Method", "Run 1", "Run 2", "Run 3"),
    (("Grid", "90.69", "90.49", "90.72"), ("Swarm", "90.36", "90.02", "90.73")),
)
SAME = (RUNS[0], (("Grid", "90.69", "90.49", "90.72"), ("Swarm", "90.36", "90.02", "90.71")))
PAIRS = (
    ("Neurons", "Activation", "Mean MSE"),
    (
        ("5", "tanh", "0.0417"),
        ("5", "relu", "0.0418"),
        ("10", "tanh", "0.0390"),
        ("10", "relu", "0.0371"),
        ("20", "tanh", "0.0385"),
        ("20", "relu", "0.0342"),
    ),
)


@pytest.mark.parametrize(
    ("sentence", "table", "said"),
    [
        ("Gamma consistently ranks in the top 3 for accuracy.", PLACES, RIGHT),
        ("Gamma consistently ranks in the top 3.", PLACES, RIGHT),
        ("We recommend Alpha or Beta. Both consistently rank in the top 3 across environments.", PLACES, WRONG),
        ("We recommend Gamma or Beta. Both consistently rank in the top 2 across environments.", PLACES, WRONG),
        ("Delta always ranks in the top 3.", PLACES, WRONG),
        ("Small variants of Delta always rank in the top 3.", PLACES, set()),
        ("Delta would always rank in the top 3.", PLACES, set()),
        ("The ranking within group A was stable.", PLACES, WRONG),
        ("The ranking within group B was stable.", PLACES, RIGHT),
        ("The rankings were stable.", PLACES, WRONG),
        ("The rankings were not stable.", PLACES, set()),
        ("The training was stable.", PLACES, set()),
        ("The rankings of features were stable.", PLACES, set()),
        ("Feature rankings were stable.", PLACES, set()),
        ("The order of the layers is the same in both.", PLACES, set()),
        ("The ranking within group C was stable.", PLACES, set()),
        ("The larger the network, the higher the speedup.", PLACES, RIGHT),
        ("The bigger the model, the greater the speedup.", PLACES, RIGHT),
        ("The bigger the model, the smaller the speedup.", PLACES, WRONG),
        ("The smaller the model, the higher the speedup.", PLACES, WRONG),
        ("The bigger the batch, the smaller the speedup.", PLACES, set()),
        ("The bigger the model, the smaller the speedup on a phone.", PLACES, set()),
        ("If the model grows, the bigger the model, the smaller the speedup would be.", PLACES, set()),
        ("Training was 1.2-38x faster on the GPU.", PLACES, RIGHT),
        ("Training was 1 to 40 times faster on the GPU.", PLACES, RIGHT),
        ("Training was 3-40x faster on the GPU.", PLACES, WRONG),
        ("Training was 1-20x faster on the GPU.", PLACES, WRONG),
        ("NumPy is 30-40x faster than plain Python.", PLACES, set()),
        ("Training of Beta was 30-40x faster on the GPU.", PLACES, set()),
        ("The difference is small but consistent across all 3 runs.", SAME, RIGHT),
        ("The difference is small but consistent across all 3 runs.", RUNS, WRONG),
        ("The gap is consistent over all runs.", RUNS, WRONG),
        ("The difference is consistent across all 5 runs.", RUNS, set()),
        ("The difference is not consistent across all 3 runs.", RUNS, set()),
        ("The difference is large in run 1.", RUNS, set()),
        ("The difference in loss is consistent across all 3 runs.", RUNS, set()),
        ("The loss difference is consistent across all 3 runs.", RUNS, set()),
        ("relu was consistently better than tanh.", PAIRS, WRONG),
        ("relu consistently outperforms tanh.", (PAIRS[0], PAIRS[1][2:]), RIGHT),
        ("tanh consistently outperforms relu.", (PAIRS[0], PAIRS[1][2:]), WRONG),
        ("relu was not consistently better than tanh.", PAIRS, set()),
    ],
)
def test_sentences_about_whole_tables(
    sentence: str, table: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], said: set[Verdict]
) -> None:
    for kind in ("md", "html", "tex"):
        found = {claim.verdict for claim in compared(page(sentence, kind, *table), kind)}
        assert found & (RIGHT | WRONG) == said, kind


@pytest.mark.parametrize(
    ("number", "title", "said"),
    [
        ("five", "Networks", RIGHT),
        ("5", "The compared networks", RIGHT),
        ("seven", "Networks", WRONG),
        ("seven", "Networks with augmentation", set()),
        ("many", "Networks", set()),
    ],
)
def test_how_many_a_table_lists(number: str, title: str, said: set[Verdict]) -> None:
    text = page(f"A total of {number} networks were compared (see Table 1).", "md", *PLACES)
    found = {claim.verdict for claim in compared(text + f"\nTable 1: {title}\n".encode())}
    assert found & (RIGHT | WRONG) == said

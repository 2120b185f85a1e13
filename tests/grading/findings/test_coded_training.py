import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.grading.dossiers import FindingKind
from tests.coded import CLASSES, GROUPS, SECOND, SUBMISSION, changed, faults, findings, kinds

TABLE = "CLASS_OF = torch.tensor([0, 1, 2, 2, 3, 2, 0, 1, 2, 3])"
LOADER = "train_loader = DataLoader(train_set, batch_size=BATCH, shuffle=True)"
LOSS = "loss = criterion(outputs, labels)"
ADAM = "torch.optim.Adam(first.parameters(), lr=0.001)"


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ([("BATCH = 20", "BATCH = 32")], "batch-size"),
        ([(LOADER, "train_loader = DataLoader(train_set, shuffle=True)")], "batch-size"),
        ([(ADAM, "torch.optim.SGD(first.parameters(), lr=0.001)")], "optimizer"),
        ([(ADAM, "torch.optim.RMSprop(first.parameters())")], "optimizer"),
        ([(LOSS, "loss = nn.MSELoss()(outputs, F.one_hot(labels, 10).float())")], "loss"),
        ([(LOSS, "loss = F.nll_loss(outputs, labels)")], "loss"),
        ([(LOSS, "loss = F.nll_loss(F.softmax(outputs, 1), labels)")], "loss"),
        ([("for epoch in range(10)", "for epoch in range(5)")], "epochs"),
        ([("for epoch in range(10)", "for epoch in range(1, 10)")], "epochs"),
        ([(LOADER, "train_loader = DataLoader(test_set, batch_size=BATCH, shuffle=True)")], "data-split"),
        (
            [('datasets.MNIST("data", train=True, download=True', 'datasets.MNIST("data", train=False, download=True')],
            "data-split",
        ),
    ],
)
def test_faults_of_the_training(changes: list[tuple[str, str]], check: str) -> None:
    text = changed(*changes)
    assert check in faults(text)
    assert kinds(text, check) == ["fault"]
    assert faults(text) - {check} <= {"wrong-set-measured", "wrong-divisor"}


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        (
            [
                (
                    "BATCH = 20",
                    'ROLL = "M23CSE023"\nA = int(ROLL[-3:])\nBATCH = 32 if A % 2 == 0 else 16 if A % 3 == 0 else 20',
                )
            ],
            "batch-size",
        ),
        (
            [
                (
                    "BATCH = 20",
                    (
                        "def batch(a):\n    if a % 2 == 0:\n        return 32\n"
                        "    elif a % 3 == 0:\n        return 16\n    return 20\n"
                        "BATCH = batch(23)"
                    ),
                )
            ],
            "batch-size",
        ),
        (
            [
                (
                    "test_loader = DataLoader(test_set, batch_size=BATCH)",
                    "test_loader = DataLoader(test_set, batch_size=1000)",
                )
            ],
            "batch-size",
        ),
        ([(ADAM, "torch.optim.Adam(first.parameters(), betas=(0.9, 0.99), weight_decay=0)")], "optimizer"),
        ([(LOSS, "loss = F.cross_entropy(outputs, labels)")], "loss"),
        ([(LOSS, "loss = nn.NLLLoss()(F.log_softmax(outputs, dim=1), labels)")], "loss"),
        ([(LOSS, "loss = F.nll_loss(outputs.log_softmax(-1), labels)")], "loss"),
        ([(LOSS, "loss = nn.CrossEntropyLoss(label_smoothing=0.05)(outputs, labels)")], "loss"),
        ([("for epoch in range(10)", "for epoch in range(15)")], "epochs"),
        ([("for epoch in range(10)", "for epoch in range(1, 10 + 1)")], "epochs"),
        ([(LOADER, "train_set, val_set = random_split(train_set, [55000, 5000])\n" + LOADER)], "data-split"),
    ],
)
def test_right_trainings(changes: list[tuple[str, str]], check: str) -> None:
    text = changed(*changes)
    assert faults(text) == set()
    assert kinds(text, check) == ["met"]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ([("BATCH = 20", "BATCH = int(input())")], "batch-size"),
        ([("BATCH = 20", "A = int(input())\nBATCH = 32 if A % 2 == 0 else 20")], "batch-size"),
        ([(ADAM, "torch.optim.AdamW(first.parameters(), lr=0.001)")], "optimizer"),
        ([(ADAM, "make(first.parameters())")], "optimizer"),
        ([("for epoch in range(10)", "for epoch in range(int(input()))")], "epochs"),
        ([(LOADER, 'train_loader = torch.load("batches.pt")')], "data-split"),
        (
            [
                (
                    "images, labels = images.to(device), labels.to(device)\n        optimizer.zero_grad()",
                    "images, labels = change(images, labels)\n        optimizer.zero_grad()",
                )
            ],
            "classes",
        ),
    ],
)
def test_what_cannot_be_told_is_undecided(changes: list[tuple[str, str]], check: str) -> None:
    text = changed(*changes)
    assert faults(text) == set()
    assert kinds(text, check) in (["undecided"], [])


SERIES = (
    "A = int(input())\ndef batch(a):\n    if a % 2 == 0:\n"
    "        return 32\n    if a % 3 == 0:\n        return 20\n"
    "    return 16\nBATCH = batch(A)"
)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        pytest.param([("BATCH = 20", SERIES)], "batch-size", id="returns after unknown conditions"),
        pytest.param(
            [("BATCH = 20", "BATCH = {0: 20, 1: 20, 2: 20}.get(int(input()), 32)")], "batch-size", id="an unknown key"
        ),
        pytest.param(
            [(LOADER, "import json\ntrain_loader = DataLoader(train_set, **json.load(open('s')))")],
            "batch-size",
            id="unknown settings",
        ),
        pytest.param(
            [
                (
                    LOADER,
                    (
                        "from torch.utils.data import BatchSampler, RandomSampler\n"
                        "train_loader = DataLoader(train_set, batch_sampler=BatchSampler(RandomSampler(train_set), "
                        "20, False))"
                    ),
                )
            ],
            "batch-size",
            id="a sampler of batches",
        ),
        pytest.param([("for epoch in range(10)", "for epoch in list(range(10))")], "epochs", id="epochs in a list"),
        pytest.param(
            [(LOSS, "loss = F.nll_loss(F.softmax(outputs, 1).log(), labels)")], "loss", id="the logarithm of a softmax"
        ),
    ],
)
def test_what_may_be_right_is_no_fault(changes: list[tuple[str, str]], check: str) -> None:
    assert check not in faults(changed(*changes))


SHARED = """
def go(loader):
    for images, labels in loader:
        loss = criterion(first(images), labels)
        if {}:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
for epoch in range(10):
    first.train()
    go(train_loader)
    first.eval()
    with torch.no_grad():
        go(test_loader)
"""


@pytest.mark.parametrize(
    "condition",
    [
        "first.training",
        "torch.is_grad_enabled()",
        "loss.requires_grad",
    ],
)
def test_one_function_for_training_and_testing(condition: str) -> None:
    text = SUBMISSION[: SUBMISSION.index("losses, accuracies")] + SHARED.format(condition)
    assert "data-split" not in faults(text)


def test_a_network_that_is_never_trained_is_undecided() -> None:
    text = SUBMISSION[: SUBMISSION.index("criterion =")]
    for check in ("batch-size", "optimizer", "loss", "epochs", "data-split", "classes"):
        assert kinds(text, check) == ["undecided"]


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(10)))
def test_the_classes_are_told_however_the_digits_are_numbered(order: list[int]) -> None:
    table = [order[label] if label < 4 else label for label in CLASSES]
    text = changed((TABLE, f"CLASS_OF = torch.tensor({table})")) + SECOND
    assert kinds(text, "classes", "experiment-2") == ["met"]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9), st.integers(0, 3))
@pytest.mark.slow
def test_a_digit_in_another_class_is_a_fault(digit: int, label: int) -> None:
    table = [label if at == digit else own for at, own in enumerate(CLASSES)]
    text = changed((TABLE, f"CLASS_OF = torch.tensor({table})")) + SECOND
    right = table == list(CLASSES)
    assert kinds(text, "classes", "experiment-2") == ["met" if right else "fault"]
    if not right:
        (found,) = [one for one in findings(text) if one.check == "classes" and one.kind is FindingKind.FAULT]
        assert found.expected == " ".join(
            "{" + ", ".join(map(str, sorted(group))) + "}" for group in sorted(map(sorted, GROUPS))
        )
        assert found.found != found.expected


def test_labels_grouped_by_a_transform() -> None:
    lookup = "target_transform=transforms.Lambda(lambda n: [0, 1, 2, 2, 3, 2, 0, 1, 2, 3][n])"
    text = changed(("train=True, download=True", f"train=True, {lookup}"), ("first = Net(10)", "first = Net(4)"))
    assert "network" not in faults(text)


def test_the_number_of_classes_as_the_length_of_a_set() -> None:
    text = SUBMISSION + SECOND.replace("Net(4)", f"Net(len(set({list(CLASSES)})))")
    assert faults(text) == set()


@pytest.mark.parametrize("roll", ["M23CSE024", "M23CSE021", "nonsense", "M23CSE"])
def test_the_batch_size_is_the_roll_numbers(roll: str) -> None:
    wanted = {"M23CSE024": 32, "M23CSE021": 16}.get(roll)
    text = changed(("BATCH = 20", f"BATCH = {wanted or 20}"))
    assert kinds(text, "batch-size", roll=roll) == ["met" if wanted else "undecided"]

import pytest

from reportgen.code.values import Dataset, Known, Loader, Transform, Unknown
from reportgen.grading.dossiers import FindingKind
from reportgen.inspection.data import augmentations
from tests.coded import SUBMISSION, changed, faults, findings

ACCURACY, MEAN_LOSS = "    accuracies.append(correct / total)\n", "losses.append(running_loss / len(train_loader))"
ADDED, HITS = "running_loss += loss.item()", "correct += (predicted == labels).sum().item()"
BEFORE = "losses, accuracies = [], []"
TRAIN_SET = 'datasets.MNIST("data", train=True, download=True, transform=transform)'
TEST_SET = 'datasets.MNIST("data", train=False, transform=transform)'
SPLIT = (
    "BATCH = 20\n",
    (
        "BATCH = 20\ntrain_set, val_set = random_split(train_set, [55000, 5000])\n"
        "val_loader = DataLoader(val_set, batch_size=BATCH)\n"
    ),
)
VALIDATE = """
    hits = 0
    for images, labels in val_loader:
        hits += (first(images.to(device)).argmax(1) == labels.to(device)).sum().item()
"""
KEEP = """
    if {number} > best:
        best, waited = {number}, 0
        torch.save(first.state_dict(), "best.pt")
    else:
        waited += 1
    if waited > 3:
        break
"""
START = (BEFORE, f"{BEFORE}\nbest, waited = 0, 0")
RESTORE = 'first.load_state_dict(torch.load("best.pt"))\n'
PLATEAU = (BEFORE, f"{BEFORE}\nschedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)")
STEPLR = (BEFORE, f"{BEFORE}\nschedule = torch.optim.lr_scheduler.StepLR(optimizer, 5)")
ROTATED = "transforms.Compose([transforms.RandomRotation(10), transforms.ToTensor()])"
FLIPPED = "transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])"
STATISTICS = "transforms.Normalize((0.1307,), (0.3081,))"


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ([START, (ACCURACY, ACCURACY + KEEP.format(number="correct"))], "test-set-chooses"),
        ([START, (ACCURACY, ACCURACY + KEEP.format(number="accuracies[-1]"))], "test-set-chooses"),
        ([(ACCURACY, f"{ACCURACY}    if correct / total > 0.98:\n        break\n")], "test-set-chooses"),
        ([PLATEAU, (ACCURACY, f"{ACCURACY}    schedule.step(correct / total)\n")], "test-set-chooses"),
        ([STEPLR], "unused-schedule"),
        ([(TEST_SET, f'datasets.MNIST("data", train=False, transform={ROTATED})')], "test-set-augmented"),
        (
            [
                (
                    TEST_SET,
                    'datasets.MNIST("data", train=False, transform=transforms.Compose([transforms.GaussianBlur(3)]))',
                ),
                (STATISTICS, STATISTICS),
            ],
            "test-set-augmented",
        ),
        ([(TRAIN_SET, f'datasets.MNIST("data", transform={FLIPPED})')], "mirrored-digits"),
        ([("plt.plot(accuracies)", "plt.plot([0.91, 0.95, 0.97, 0.98])")], "invented-curves"),
        (
            [("plt.plot(accuracies)", "accuracies = [0.91, 0.95, 0.97]\nplt.plot(range(3), accuracies, label='test')")],
            "invented-curves",
        ),
        ([(STATISTICS, "transforms.Normalize((0.485,), (0.229,))")], "foreign-statistics"),
        ([(STATISTICS, "transforms.Normalize((0.2860,), (0.3530,))")], "foreign-statistics"),
        ([(MEAN_LOSS, "losses.append(running_loss / len(train_set))")], "wrong-divisor"),
        ([(MEAN_LOSS, "losses.append(running_loss / len(train_loader.dataset))")], "wrong-divisor"),
        ([(MEAN_LOSS, "losses.append(running_loss / 60000)")], "wrong-divisor"),
        ([("accuracies.append(correct / total)", "accuracies.append(correct / len(train_set))")], "wrong-divisor"),
        ([("accuracies.append(correct / total)", "accuracies.append(100.0 * correct / 60000)")], "wrong-divisor"),
        ([("accuracies.append(correct / total)", "accuracies.append(correct / len(test_loader))")], "wrong-divisor"),
        ([(ADDED, "running_loss += loss.item() * images.size(0)")], "wrong-divisor"),
    ],
)
def test_faults_around_the_data(changes: list[tuple[str, str]], check: str) -> None:
    text = changed(*changes, also=RESTORE if "torch.save" in changes[-1][1] else "")
    assert faults(text) == {check}
    assert all(one.place.line for one in findings(text) if one.kind is FindingKind.FAULT)


@pytest.mark.parametrize(
    "changes",
    [
        [START, SPLIT, (ACCURACY, ACCURACY + VALIDATE + KEEP.format(number="hits"))],
        [START, SPLIT, (ACCURACY, ACCURACY + VALIDATE + KEEP.format(number="hits / len(val_set)"))],
        [START, (ACCURACY, ACCURACY + KEEP.format(number="-running_loss"))],
        [(BEFORE, f"{BEFORE}\nbest = 0"), (ACCURACY, f"{ACCURACY}    if correct > best:\n        best = correct\n")],
        [(BEFORE, f"{BEFORE}\nbest = 0"), (ACCURACY, f"{ACCURACY}    best = max(best, correct / total)\n")],
        [(ACCURACY, f"{ACCURACY}    if running_loss < 0.01:\n        break\n")],
        [PLATEAU, (ACCURACY, f"{ACCURACY}    schedule.step(running_loss)\n")],
        [PLATEAU, SPLIT, (ACCURACY, f"{ACCURACY}{VALIDATE}    schedule.step(hits)\n")],
        [STEPLR, (ACCURACY, f"{ACCURACY}    schedule.step()\n")],
        [(TRAIN_SET, f'datasets.MNIST("data", transform={ROTATED})')],
        [(STATISTICS, "transforms.Normalize((0.5,), (0.5,))")],
        [(STATISTICS, "transforms.Normalize(mean=[0.1307], std=[0.3081])")],
        [
            (ADDED, "running_loss += loss.item() * images.size(0)"),
            (MEAN_LOSS, "losses.append(running_loss / len(train_loader.dataset))"),
        ],
        [
            (ADDED, "running_loss += loss.item() * len(labels)"),
            (MEAN_LOSS, "losses.append(running_loss / len(train_set))"),
        ],
        [
            (ADDED, "running_loss += F.cross_entropy(outputs, labels, reduction='sum').item()"),
            (MEAN_LOSS, "losses.append(running_loss / 60000)"),
        ],
        [("accuracies.append(correct / total)", "accuracies.append(100.0 * correct / len(test_loader.dataset))")],
        [("accuracies.append(correct / total)", "accuracies.append(correct / 10000)")],
        [
            (HITS, "correct += (predicted == labels).float().mean().item()"),
            ("accuracies.append(correct / total)", "accuracies.append(correct / len(test_loader))"),
        ],
        [("plt.plot(accuracies)", "plt.plot(range(1, 11), accuracies, 'r-o', label='test')")],
        [("plt.plot(accuracies)", "plt.plot(accuracies)\nplt.plot([0, 9], [0.98, 0.98], '--')")],
        [("plt.plot(accuracies)", "plt.plot(accuracies)\nplt.plot([0, 4, 9], [0.98, 0.98, 0.98], '--', label='aim')")],
        [("plt.plot(accuracies)", "plt.plot(np.array(accuracies) * 100)")],
    ],
)
def test_right_use_of_the_data(changes: list[tuple[str, str]]) -> None:
    text = changed(*changes, also=RESTORE if any("torch.save" in new for _, new in changes) else "")
    assert faults(text) == set()


TRAINED = SUBMISSION[: SUBMISSION.index("true, guessed")]
"""The submission without its confusion matrix."""
SHOWN = """
shown = 0
with torch.no_grad():
    for images, labels in test_loader:
        predicted = first(images.to(device)).argmax(1)
        for at in range(len(labels)):
            if predicted[at] != labels[at]:
                shown += 1
            if shown == 10:
                break
"""
VAL_10 = (
    "BATCH = 20\n",
    (
        "BATCH = 20\ntrain_set, val_set = random_split(train_set, [50000, 10000])\n"
        "val_loader = DataLoader(val_set, batch_size=BATCH)\n"
    ),
)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        pytest.param(
            changed(("outputs = first(images)", "outputs = first(0.9 * images + 0.1 * images.flip(0))")),
            "mirrored-digits",
            id="the batch in another order",
        ),
        pytest.param(changed(also=SHOWN), "test-set-chooses", id="wrong images are shown"),
        pytest.param(
            changed((ADDED, "running_loss += loss.item() * 20"), (MEAN_LOSS, "losses.append(running_loss / 60000)")),
            "wrong-divisor",
            id="times the size of a batch",
        ),
        pytest.param(
            changed(
                (ADDED, "running_loss += loss.item() * train_loader.batch_size"),
                (MEAN_LOSS, "losses.append(running_loss / len(train_set))"),
            ),
            "wrong-divisor",
            id="times batch_size",
        ),
        pytest.param(
            changed((MEAN_LOSS, "losses.append(running_loss * BATCH / len(train_set))")),
            "wrong-divisor",
            id="the sum times the size of a batch",
        ),
        pytest.param(
            changed(("accuracies.append(correct / total)", "accuracies.append(correct / (len(test_loader) * 20))")),
            "wrong-divisor",
            id="by batches times their size",
        ),
        pytest.param(
            changed(VAL_10, (ACCURACY, f"{ACCURACY}{VALIDATE}    print(hits / 10000)\n")),
            "wrong-divisor",
            id="10,000 images of validation",
        ),
        pytest.param(
            changed(
                also="images, labels = next(iter(train_loader))\nprint(first(images.to(device)).shape)\n", of=TRAINED
            ),
            "wrong-set-measured",
            id="one batch is looked at",
        ),
    ],
)
def test_right_use_of_the_data_that_is_taken_for_a_fault(text: str, check: str) -> None:
    assert check not in faults(text)


@pytest.mark.parametrize(
    ("statistics", "fault"),
    [("train_images.mean() / 255", False), ("test_images.mean() / 255", True), ("float(input())", False)],
)
def test_statistics_that_are_computed(statistics: str, fault: bool) -> None:
    text = changed(
        (STATISTICS, f"transforms.Normalize({statistics}, 1)"),
        (
            "transform = transforms.Compose",
            (
                'train_images = datasets.MNIST("data").data.float()\n'
                'test_images = datasets.MNIST("data", train=False).data.float()\n'
                "transform = transforms.Compose"
            ),
        ),
    )
    assert ("foreign-statistics" in faults(text)) == fault


def keras(fit: str, *, head: str = "") -> str:
    return f"""
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator
(a, b), (c, d) = keras.datasets.mnist.load_data()
{head}
net = keras.Sequential([layers.Flatten(), layers.Dense(10, activation="softmax")])
net.compile("adam", "sparse_categorical_crossentropy")
{fit}
"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            keras("net.fit(a, b, 20, 10, validation_data=(c, d), callbacks=[keras.callbacks.EarlyStopping()])"),
            {"test-set-chooses"},
        ),
        (
            keras(
                "net.fit(a, b, 20, 10, validation_data=(c, d), callbacks=[keras.callbacks.ModelCheckpoint('f', "
                "save_best_only=True)])"
            ),
            {"test-set-chooses"},
        ),
        (keras("net.fit(a, b, 20, 10, validation_split=0.1, callbacks=[keras.callbacks.EarlyStopping()])"), set()),
        (
            keras("net.fit(a, b, 20, 10, validation_data=(c, d), callbacks=[keras.callbacks.EarlyStopping('loss')])"),
            set(),
        ),
        (keras("net.fit(a, b, 20, 10, validation_data=(c, d))"), set()),
        (
            keras("net.fit(ImageDataGenerator(horizontal_flip=True).flow(a, b, batch_size=20), epochs=10)"),
            {"mirrored-digits"},
        ),
        (keras("net.fit(ImageDataGenerator(rotation_range=9).flow(a, b, batch_size=20), epochs=10)"), set()),
    ],
)
def test_the_data_in_keras(text: str, wanted: set[str]) -> None:
    assert faults(text) - {"network", "wrong-set-measured"} == wanted


@pytest.mark.parametrize(
    ("ways", "outputs", "unused"),
    [
        ("layers.Concatenate()([short, long])", "joined", False),
        ("layers.add([long, short])", "joined", False),
        ("long", "joined", True),
        ("layers.Concatenate()([long, short])", "[joined, short]", False),
        ("unknown(short, long)", "joined", False),
    ],
)
def test_a_layer_that_leads_nowhere_in_a_functional_model(ways: str, outputs: str, unused: bool) -> None:
    text = f"""
from tensorflow import keras
from tensorflow.keras import layers
from elsewhere import unknown
given = keras.Input((784,))
short = layers.Dense(4)(given)
long = layers.Dense(4)(layers.Dense(8)(given))
joined = {ways}
net = keras.Model(given, {outputs})
"""
    assert ("unused-layer" in faults(text)) == unused


def test_random_changes_of_loaders() -> None:
    transform = Transform((("RandomRotation", {}, 3), ("ToTensor", {}, 4), ("ColorJitter", {}, 5)))
    loaders = [
        Loader(Dataset("train", transform), Known(20), 1),
        Loader(Dataset("train"), Known(20), 2),
        Loader(Unknown(""), Known(20), 3),
    ]
    assert augmentations(loaders) == ["RandomRotation", "ColorJitter"]

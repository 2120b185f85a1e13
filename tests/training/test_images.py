"""Images and labels: where they are found, and whether they are the real ones."""

import gzip
import hashlib
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import numpy as np
import platformdirs
import pytest
from numpy.typing import NDArray

from reportgen.assignment.datasets import MNIST, Dataset, IdxFile
from reportgen.errors import DataError
from reportgen.training import images as data
from reportgen.training.cache import cache_folder
from reportgen.training.images import (
    ENVIRONMENT_VARIABLE,
    Images,
    download,
    embedded_digits,
    find,
    group,
    label_counts,
    load,
)

REAL = os.environ.get(ENVIRONMENT_VARIABLE)


def idx(array: NDArray[np.uint8]) -> bytes:
    """An array in the IDX format."""
    return struct.pack(f">I{array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


def fake_contents() -> dict[str, bytes]:
    """Four files of a data set like MNIST: 6 training images, 3 test images."""
    numbers = np.random.default_rng(0).integers(0, 256, (9, 28, 28), dtype=np.uint8)
    return {
        "train-images-idx3-ubyte": idx(numbers[:6]),
        "train-labels-idx1-ubyte": idx(np.array([0, 1, 2, 1, 0, 9], np.uint8)),
        "t10k-images-idx3-ubyte": idx(numbers[6:]),
        "t10k-labels-idx1-ubyte": idx(np.array([3, 3, 1], np.uint8)),
    }


def fake(contents: dict[str, bytes]) -> Dataset:
    """A data set whose published digests are those of ``contents``."""

    def file(published: IdxFile) -> IdxFile:
        return replace(published, md5=hashlib.md5(contents[published.name]).hexdigest())

    return replace(MNIST, files={split: (file(a), file(b)) for split, (a, b) in MNIST.files.items()})


def put(folder: Path, contents: dict[str, bytes], *, compressed: bool = True) -> Path:
    """Write the files of a data set."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        if compressed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("layout", ["MNIST/raw", "raw", "."])
def test_every_layout_is_found_and_read(tmp_path: Path, layout: str, compressed: bool) -> None:
    contents = fake_contents()
    folder = put(tmp_path / layout, contents, compressed=compressed)
    assert find(MNIST, tmp_path) == folder
    images = load(fake(contents), folder)
    assert (images.train_images.shape, images.test_images.shape) == ((6, 1, 28, 28), (3, 1, 28, 28))
    assert images.train_labels.tolist() == [0, 1, 2, 1, 0, 9]
    assert images.test_labels.tolist() == [3, 3, 1]
    assert images.train_images.tobytes() == contents["train-images-idx3-ubyte"][16:]
    assert images.digests == {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def test_the_environment_variable_is_looked_at_before_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find(MNIST, None) is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cached = put(cache_folder() / "MNIST" / "raw", fake_contents())
    assert find(MNIST, None) == cached
    named = put(tmp_path / "named", fake_contents())
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(named))
    assert find(MNIST, None) == named


def test_a_data_dir_without_the_data_set_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no MNIST in .*train-images-idx3-ubyte.*raw/ and in MNIST/raw/"):
        find(MNIST, tmp_path)


def test_a_part_of_the_data_set_is_an_error_that_names_what_is_missing(tmp_path: Path) -> None:
    put(tmp_path, fake_contents())
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match=r"a part of MNIST only; missing: t10k-labels-idx1-ubyte \(or .gz\)"):
        find(MNIST, tmp_path)


def test_an_interrupted_download_in_the_cache_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    raw = put(cache_folder() / "MNIST" / "raw", fake_contents())
    (raw / "t10k-labels-idx1-ubyte.gz").unlink()
    assert find(MNIST, None) is None


def test_a_folder_that_may_not_be_looked_into_is_a_data_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", denied)
    with pytest.raises(DataError, match=r"cannot look into .*: Permission denied"):
        find(MNIST, tmp_path)


def flipped(content: bytes) -> bytes:
    """The content with its last bit flipped."""
    return content[:-1] + bytes([content[-1] ^ 1])


def damaged(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change one file as it lies on the disk."""

    def apply(folder: Path) -> None:
        path = folder / f"{name}.gz"
        path.write_bytes(change(path.read_bytes()))

    return apply


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content[: len(content) // 2], "is damaged"),
        (lambda content: content[:-4], "is damaged"),
        (lambda content: content[:-6] + bytes([content[-6] ^ 1]) + content[-5:], "is damaged"),
        (lambda _: b"", "is not an IDX file"),
        (lambda _: b"<html>404</html>", "is damaged"),
        (lambda _: gzip.compress(b"<html>404</html>"), "is not an IDX file of unsigned bytes"),
        (lambda content: gzip.compress(gzip.decompress(content)[:-1]), "truncated or too long"),
        (lambda content: gzip.compress(gzip.decompress(content) + b"\0"), "truncated or too long"),
        (lambda content: gzip.compress(gzip.decompress(content)[:7]), "is not an IDX file of unsigned bytes"),
        (lambda content: gzip.compress(b"\0\0\x0d" + gzip.decompress(content)[3:]), "is not an IDX file of unsigned"),
        (lambda content: gzip.compress(flipped(gzip.decompress(content))), "is not the published file: the MD5"),
    ],
)
@pytest.mark.parametrize("name", list(fake_contents()))
def test_a_broken_file_is_named(tmp_path: Path, name: str, change: Callable[[bytes], bytes], said: str) -> None:
    contents = fake_contents()
    damaged(name, change)(put(tmp_path, contents))
    with pytest.raises(DataError) as caught:
        load(fake(contents), tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}.gz ")
    assert said in str(caught.value)
    assert "Download it again." in str(caught.value)


def test_an_altered_byte_in_a_raw_file_is_found(tmp_path: Path) -> None:
    contents = fake_contents()
    put(
        tmp_path,
        {**contents, "t10k-images-idx3-ubyte": flipped(contents["t10k-images-idx3-ubyte"])},
        compressed=False,
    )
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte is not the published file"):
        load(fake(contents), tmp_path)


def test_images_and_labels_of_different_length_are_an_error(tmp_path: Path) -> None:
    contents = {**fake_contents(), "t10k-labels-idx1-ubyte": idx(np.array([3, 3], np.uint8))}
    put(tmp_path, contents)
    with pytest.raises(DataError, match=f"{tmp_path}: 3 images but 2 labels in the test split"):
        load(fake(contents), tmp_path)


def test_a_gzip_bomb_is_read_no_further_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = fake_contents()
    put(tmp_path, {**contents, "train-images-idx3-ubyte": contents["train-images-idx3-ubyte"] + bytes(5_000_000)})
    monkeypatch.setattr(data, "_LIMIT", 100_000)
    read: list[int] = []
    original = gzip.GzipFile.read

    def counting(self: gzip.GzipFile, size: int | None = -1) -> bytes:
        content = original(self, size)
        read.append(len(content))
        return content

    monkeypatch.setattr(gzip.GzipFile, "read", counting)
    with pytest.raises(DataError, match="truncated or too long: its header says 4704 elements, it holds 99984"):
        load(fake(contents), tmp_path)
    assert read == [100_000]


def test_a_header_that_promises_more_than_memory_holds_is_refused(tmp_path: Path) -> None:
    contents = fake_contents()
    huge = struct.pack(">I3I", 0x0803, 2**32 - 1, 2**32 - 1, 2**32 - 1) + b"x"
    put(tmp_path, {**contents, "train-images-idx3-ubyte": huge})
    with pytest.raises(DataError, match=f"its header says {(2**32 - 1) ** 3} elements, it holds 1"):
        load(fake(contents), tmp_path)


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, fake_contents())

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(gzip, "open", denied)
    with pytest.raises(DataError, match=r"cannot read .*train-images-idx3-ubyte.gz: Permission denied"):
        load(MNIST, tmp_path)


@pytest.mark.parametrize("error", [URLError("no route to host"), RuntimeError("Error downloading"), TimeoutError()])
def test_a_download_that_fails_says_what_to_do(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    from torchvision import datasets

    def failing(*_: object, **__: object) -> None:
        print("0%|      | noise of a progress bar")  # noqa: T201
        raise error

    monkeypatch.setattr(datasets, "MNIST", failing)
    with pytest.raises(DataError, match=r"MNIST can't be downloaded \(.+\)\. Connect to the internet.*--data-dir DIR"):
        download(MNIST)


@pytest.mark.parametrize("place", ["/proc/nowhere", "relative"])
def test_a_cache_that_can_not_be_written_is_not_taken_for_the_internet(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: Path(place))
    with pytest.raises(DataError, match=r"the user's cache can't be written \(.+\)\. Set XDG_CACHE_HOME"):
        download(MNIST)
    assert not Path("relative").exists()


def test_a_user_without_a_home_finds_nothing_and_is_told_when_it_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> Path:
        raise RuntimeError("could not determine the home directory for '~/.cache'")

    monkeypatch.setattr(platformdirs, "user_cache_path", fail)
    assert data.find(MNIST, None) is None
    with pytest.raises(DataError, match=r"can't be written \(there is no home folder\)"):
        download(MNIST)


def test_a_download_lands_in_the_cache_and_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from torchvision import datasets

    def downloading(root: str, *, download: bool) -> None:
        assert download
        print("100%|######| noise of a progress bar")  # noqa: T201
        put(Path(root) / "MNIST" / "raw", fake_contents())

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(datasets, "MNIST", downloading)
    assert download(MNIST) == cache_folder() / "MNIST" / "raw"
    assert capfd.readouterr() == ("", "")


def test_the_preview_is_made_of_all_embedded_digits_and_always_the_same(preview: Images) -> None:
    assert (preview.train_images.shape, preview.test_images.shape) == ((1437, 1, 28, 28), (360, 1, 28, 28))
    again = embedded_digits((1, 28, 28))
    assert np.array_equal(again.train_images, preview.train_images)
    assert np.array_equal(again.test_labels, preview.test_labels)
    assert preview.source == "embedded"
    counts = np.add(label_counts(preview.train_labels, 10), label_counts(preview.test_labels, 10))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_preview_is_centred_in_its_frame_like_mnist(preview: Images) -> None:
    assert not preview.train_images[:, :, [0, 1, 2, 3, 24, 25, 26, 27]].any()
    assert not preview.train_images[..., [0, 1, 2, 3, 24, 25, 26, 27]].any()
    assert preview.train_images.max() == 255


def test_labels_are_grouped_by_the_handouts_classes() -> None:
    grouped = group(np.arange(10), (0, 1, 2, 2, 3, 2, 0, 1, 2, 3))
    assert grouped.tolist() == [0, 1, 2, 2, 3, 2, 0, 1, 2, 3]
    assert label_counts(group(np.array([6, 0, 9, 9]), (0, 1, 2, 2, 3, 2, 0, 1, 2, 3)), 4) == (2, 0, 0, 2)


@pytest.mark.skipif(REAL is None, reason=f"{ENVIRONMENT_VARIABLE} does not name a folder with MNIST")
def test_the_real_mnist_has_its_published_counts_and_statistics() -> None:
    folder = find(MNIST, Path(REAL or ""))
    assert folder is not None
    images = load(MNIST, folder)
    assert label_counts(images.train_labels, 10) == MNIST.label_counts["train"]
    assert label_counts(images.test_labels, 10) == MNIST.label_counts["test"]
    assert (images.mean, images.std) == (0.1307, 0.3081)

"""Files are there whole or not at all, whoever else writes them (contract G9)."""

from pathlib import Path

import pytest

from privacy_portal.storage import FolderStorage


@pytest.fixture
def folder(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path)


def names(folder: FolderStorage) -> list[str]:
    return sorted(path.name for path in folder.folder.rglob("*") if path.is_file())


def test_a_file_has_its_name_only_when_it_is_whole(folder: FolderStorage) -> None:
    with folder.writing("a/b.zip") as file:
        file.write(b"x")
        assert "b.zip" not in names(folder)
    assert names(folder) == ["b.zip"]
    assert folder.path("a/b.zip").read_bytes() == b"x"
    assert folder.path("a/b.zip").stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_the_earlier_file(folder: FolderStorage) -> None:
    with folder.writing("b.zip") as file:
        file.write(b"first")
    with pytest.raises(RuntimeError), folder.writing("b.zip") as file:
        file.write(b"second")
        raise RuntimeError
    assert names(folder) == ["b.zip"]
    assert folder.path("b.zip").read_bytes() == b"first"


def test_of_two_writers_of_one_name_the_later_wins_and_the_earlier_harms_nothing(folder: FolderStorage) -> None:
    with pytest.raises(FileNotFoundError), folder.writing("b.zip") as slow:
        slow.write(b"slow")
        with folder.writing("b.zip") as file:
            file.write(b"new")
            slow.write(b" and late")
            slow.flush()
    assert folder.path("b.zip").read_bytes() == b"new"
    assert names(folder) == ["b.zip"]


def test_deleting_takes_what_a_killed_writer_left(folder: FolderStorage) -> None:
    folder.path("b.zip.0a.draft").write_bytes(b"half")
    folder.path("b.zip2").write_bytes(b"another")
    folder.delete("b.zip")
    assert names(folder) == ["b.zip2"]

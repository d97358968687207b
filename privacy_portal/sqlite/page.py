"""Just enough of SQLite's file format (sqlite.org/fileformat2.html, 1.3 and 1.6) to know a page's unused bytes."""

from struct import unpack_from

FIRST = 1
_HEADER_SIZE = {2: 12, 5: 12, 10: 8, 13: 8}  # index and table pages: interior ones, then leaves
_MOST_PAGES = 2**25  # from here on an overflow page can begin like a page of a tree


def page_size(header: bytes) -> int:
    """Bytes in a page, from the file's first hundred."""
    (size,) = unpack_from(">H", header, 16)
    return 65536 if size == 1 else int(size)


def unused(page: bytes, number: int) -> tuple[int, int]:
    """Begin and end of the bytes between the row pointers and the rows; empty for a page that is not one of a tree, and
    for the first one, which holds the schema."""
    size = _HEADER_SIZE.get(page[0]) if FIRST < number < _MOST_PAGES else None
    if size is None:
        return 0, 0
    rows, begin_of_rows = unpack_from(">HH", page, 3)
    begin, end = size + 2 * rows, begin_of_rows or 65536
    return (begin, end) if begin <= end <= len(page) else (0, 0)

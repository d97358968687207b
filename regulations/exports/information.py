"""information.json: what a controller must say beside the copy of the data (GDPR Art. 15(1)–(2)), from its settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from privacy_portal.brands.models import Brand
from regulations.exports.documents import document

NOT_CONFIGURED = "Not configured: the controller has not stated this in the portal. Ask the controller."


@dataclass(frozen=True)
class Item:
    """`name` is the brand's setting that answers the question."""

    name: str
    article: str
    question: str


@dataclass(frozen=True)
class Answer:
    item: Item
    stated: list[str]


ITEMS = (
    Item("controller", "Art. 13(1)(a)", "Who is responsible for the data"),
    Item("contact", "Art. 13(1)(b)", "Whom to ask about privacy"),
    Item("purposes", "Art. 15(1)(a)", "What the data is used for"),
    Item("categories", "Art. 15(1)(b)", "Which kinds of data are held"),
    Item("recipients", "Art. 15(1)(c)", "Who receives the data"),
    Item("periods", "Art. 15(1)(d)", "How long the data is kept"),
    Item("authority", "Art. 15(1)(f)", "Which authority takes complaints"),
    Item("source", "Art. 15(1)(g)", "Where the data comes from"),
    Item("automated_decisions", "Art. 15(1)(h)", "Whether decisions are made automatically, and how"),
    Item("transfers", "Art. 15(2)", "Whether data leaves for other countries, and under which safeguards"),
)

RIGHTS = (
    ("Art. 16", "To have data corrected that is wrong or incomplete"),
    ("Art. 17", "To have data erased"),
    ("Art. 18", "To have the use of data restricted"),
    ("Art. 20", "To receive data in a form that programs can read, as the files beside this one are"),
    ("Art. 21", "To object to the use of data, and at any time to its use for marketing"),
    ("Art. 7(3)", "To withdraw a consent at any time, as easily as it was given"),
    ("Art. 77", "To complain to a supervisory authority"),
)


def answers(brand: Brand) -> list[Answer]:
    return [Answer(item, _stated(brand.setting(item.name))) for item in ITEMS]


def information(brand: Brand) -> Iterator[bytes]:
    yield from document(
        law="Regulation (EU) 2016/679 (GDPR)",
        brand=brand.path,
        **{answer.item.name: _written(answer) for answer in answers(brand)},
        rights=[{"article": article, "right": right} for article, right in RIGHTS],
    )


def _stated(value: str | list[str]) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    return [text.strip() for text in texts if text.strip()]


def _written(answer: Answer) -> dict[str, Any]:
    said = {"article": answer.item.article, "question": answer.item.question, "configured": bool(answer.stated)}
    return said | ({"answer": answer.stated} if answer.stated else {"answer": None, "note": NOT_CONFIGURED})

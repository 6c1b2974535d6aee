"""Products of the shop, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass

from paging import Paging


@dataclass(frozen=True)
class Product:
    name: str
    price: int  # cents
    category: str


class Catalog:
    def __init__(self, products: Iterable[Product]) -> None:
        self._products = sorted(products, key=lambda product: product.name)

    def page(
        self, number: int = 1, size: int = 20, category: str | None = None
    ) -> tuple[list[Product], Paging]:
        """The products on a page, by name, and the paging; of one category if it is given."""
        found = [product for product in self._products if category in (None, product.category)]
        paging = Paging(number, size, len(found))
        return found[paging.offset : paging.offset + paging.shown], paging

    def page_of(self, name: str, size: int = 20) -> int:
        """Number of the page, of all products, that shows the product; KeyError if there is none of that name."""
        for position, product in enumerate(self._products, start=1):
            if product.name == name:
                return position // size + 1
        raise KeyError(name)

"""What a person sent with a form: names and texts, read within the bounds of every body."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from tock.core.errors import InvalidArgument
from tock.web.requests import LARGEST_BODY, bounded_body

#: The most fields of a form; the largest one names each run of a page.
_MOST_FIELDS = 1_000
#: A form writes most bytes of a text that is not English as three characters.
_LARGEST = 3 * LARGEST_BODY


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, in the order of the page; one name may come several times."""

    fields: tuple[tuple[str, str], ...] = ()

    def text(self, name: str, default: str = "") -> str:
        """Return the last value of a field, or the default if the form has none."""
        values = self.texts(name)
        return values[-1] if values else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value.replace("\r\n", "\n") for field, value in self.fields if field == name)

    def __contains__(self, name: str) -> bool:
        return any(field == name for field, _ in self.fields)


async def read_form(request: Request) -> Form:
    """Return the form of the request's body. Raises BodyTooLarge, InvalidArgument if it is no form."""
    body = await bounded_body(request, limit=_LARGEST)
    strict = bool(body)
    try:
        fields = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=strict,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as exc:
        raise InvalidArgument(field="form", value=None, remedy="is no form of at most 1,000 fields") from exc
    return Form(tuple(fields))

"""The settings of a deployment: the variables that its functions read."""

from datetime import timedelta
from pathlib import Path

from pydantic.fields import FieldInfo

from documentation.reference.markdown import code, joined, line, table
from documentation.reference.source import comments_of
from tock.bootstrap.settings import SECRET_VARIABLES, Settings
from tock.core.time.duration import duration_text

#: Google's own variables, and those that Tock sets beside its emulators.
_SET_BY_OTHERS = frozenset(
    {"GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST", "CLOUD_TASKS_EMULATOR_HOST", "K_SERVICE"}
)


def page() -> str:
    """Return the page."""
    said = comments_of(Settings)
    return joined(
        "# Settings",
        "The functions read these variables once, when they start. A wrong value ends the start and names the "
        "variable. [Configuration](configuration.md) says who sets them.",
        table(
            ("variable", "meaning", "default"),
            (
                (code(variable_of(field)), line(said.get(name, "")) + _secret(field), _default(field))
                for name, field in Settings.model_fields.items()
                if variable_of(field) not in _SET_BY_OTHERS
            ),
        ),
    )


def variable_of(field: FieldInfo) -> str:
    """Return the variable's name."""
    alias = field.validation_alias
    return str(alias if isinstance(alias, str) else getattr(alias, "choices", [field.alias])[0])


def _secret(field: FieldInfo) -> str:
    return " It holds secrets." if variable_of(field) in SECRET_VARIABLES else ""


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    match value:
        case timedelta():
            return code(duration_text(value))
        case bool():
            return code(str(value).lower())
        case Path() | int() | str():
            return code(str(value))
        case tuple():
            return code(",".join(map(str, value)))
    return ""

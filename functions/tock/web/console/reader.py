"""The reader of a page: the time zone in which they read times, and the theme that they chose."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from tock.core.schedule.time_zones import is_time_zone
from tock.web.console.cookies import Cookies

ZONE_COOKIE, THEME_COOKIE = "tock_zone", "tock_theme"


class Theme(StrEnum):
    """How light the pages are."""

    #: As the browser prefers.
    AUTO = "auto"
    #: Dark text on a light ground.
    LIGHT = "light"
    #: Light text on a dark ground.
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, as far as it decides how the page is shown."""

    #: The IANA name of the zone in which times are shown: the browser's, or the one that the reader chose.
    zone_name: str
    theme: Theme
    #: Whether a cookie names the zone; if none does, the browser's own zone is asked for.
    has_zone: bool

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times are shown."""
        return ZoneInfo(self.zone_name)

    @classmethod
    def of(cls, cookies: Cookies) -> "Reader":
        """Return the reader by the cookies of a request: in UTC and with the browser's theme if these say nothing."""
        zone, theme = cookies.value(ZONE_COOKIE), cookies.value(THEME_COOKIE)
        return cls(
            zone_name=zone if is_time_zone(zone) else "UTC",
            theme=Theme(theme) if theme in set(Theme) else Theme.AUTO,
            has_zone=is_time_zone(zone),
        )

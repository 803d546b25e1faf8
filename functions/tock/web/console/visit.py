"""A visit: one request of somebody who is known, and what answers it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tock.app.services import Services
from tock.core.run.run_token import RunTokens
from tock.web.authentication import Principal
from tock.web.console.cookies import Cookies
from tock.web.console.forms.form import Form
from tock.web.console.reader import Reader
from tock.web.console.sealed import NOTICE_LENGTH, form_token, notice_seal
from tock.web.console.templates import render
from tock.web.deployment import Deployment

NOTICE_COOKIE = "tock_notice"
#: Tells browsers apart, so that one's forms are of no use to another.
BROWSER_COOKIE = "tock_browser"
_BROWSER_LASTS = timedelta(days=365)
_EMPTY = Form()
#: Begins a notice that something was refused; no sentence begins so.
_BAD = "\x00"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the next page says once: that something was done, or was refused."""

    text: str
    is_bad: bool

    @classmethod
    def of(cls, sealed: str) -> "Notice":
        """Return the notice by what was sealed of it."""
        return cls(sealed.removeprefix(_BAD), is_bad=sealed.startswith(_BAD))


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: who asks for what, how they read, and what they sent."""

    request: Request
    deployment: Deployment
    tokens: RunTokens
    #: Who is signed in; None on the page where people sign in.
    caller: Principal | None
    #: The project of the path, or an empty text.
    project: str
    cookies: Cookies
    reader: Reader
    #: What tells this browser from others, for the tokens of its forms.
    browser: str
    now: datetime
    form: Form = _EMPTY

    @property
    def services(self) -> Services:
        """What the use cases need."""
        return self.deployment.services

    @property
    def known(self) -> Principal:
        """Who is signed in. Only the page where people sign in has nobody."""
        if self.caller is None:
            raise RuntimeError("nobody is signed in")
        return self.caller

    @property
    def is_partial(self) -> bool:
        """Whether a page that is open already asks for a part of itself."""
        return "hx-request" in self.request.headers

    @property
    def here(self) -> str:
        """The address of the request within this site."""
        return address(self.request)

    def path(self, *segments: str, **query: str | Iterable[str] | None) -> str:
        """Return the path of a page of this project, such as `/projects/acme/runs?status=failed`.

        Query parameters that are None or empty are left out.
        """
        return project_path(self.project, *segments, **query)

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return a page, and take down the notice that it shows."""
        notice = self.cookies.value(NOTICE_COOKIE)
        shown = notice_seal(self.tokens).opens(notice, now=self.now) if notice else None
        nonce = self.services.random.token()
        text = render(
            template,
            visit=self,
            reader=self.reader,
            now=self.now,
            notice=shown and Notice.of(shown),
            form_token=form_token(self.tokens, browser=self.browser, nonce=nonce),
            path=self.path,
            **context,
        )
        response = HTMLResponse(text, status_code=status)
        if notice and not self.is_partial:
            self.cookies.forget(response, NOTICE_COOKIE)
        if not self.cookies.value(BROWSER_COOKIE):
            # Every page has a form, also one that shows an error.
            self.cookies.keep(response, BROWSER_COOKIE, self.browser, lasts=_BROWSER_LASTS)
        return response

    def go_on(self, path: str, *, notice: str = "", is_bad: bool = False) -> Response:
        """Send the browser to another page of the console, which shows the notice once."""
        response = RedirectResponse(path, status_code=303)
        if notice:
            sealed = notice_seal(self.tokens).seal(f"{_BAD * is_bad}{notice}", now=self.now)
            self.cookies.keep(response, NOTICE_COOKIE, sealed, lasts=NOTICE_LENGTH)
        return response


def address(request: Request) -> str:
    """Return the address of a request within this site, with its query as it was sent."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return f"{quote(path, safe='/:')}{'?' * bool(query)}{query}"


def project_path(project: str, *segments: str, **query: str | Iterable[str] | None) -> str:
    """Return the path of a page of a project."""
    path = "/".join(("", "projects", *(quote(each, safe=":") for each in (project, *segments))))
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path

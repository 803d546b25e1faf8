"""What may be wrong with a built site: links that lead nowhere, and what a browser would fetch from elsewhere."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: The attribute by which a tag makes a browser fetch something.
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
#: Links of these relations are for programs that ask for them.
_NOT_FETCHED = frozenset({"canonical", "next", "prev", "alternate"})


@dataclass
class _Page(HTMLParser):
    """The anchors and links of a page, and what it fetches."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in _FETCHED and _FETCHED[tag] in given and given.get("rel") not in _NOT_FETCHED:
            self.fetched.append(given[_FETCHED[tag]])


def problems_of(site: Path) -> list[str]:
    """Return what is wrong with the site in this folder, each as a line that begins with the page."""
    pages = {file: _read(file) for file in sorted(site.rglob("*.html"))}
    if not pages:
        return [f"{site}: no page was built"]
    problems = []
    for file, page in pages.items():
        name = file.relative_to(site)
        problems += [f"{name}: fetches {url} from elsewhere" for url in page.fetched if _is_elsewhere(url)]
        if name.name != "404.html":
            problems += [f"{name}: {link} leads nowhere" for link in page.links if not _leads(link, file, pages)]
    for style in sorted(site.rglob("*.css")):
        text = style.read_text(encoding="utf-8")
        if "@import" in text or "url(http" in text or "url(//" in text:
            problems.append(f"{style.relative_to(site)}: fetches a style or a font from elsewhere")
    return problems


def _read(file: Path) -> _Page:
    page = _Page()
    page.feed(file.read_text(encoding="utf-8"))
    return page


def _is_elsewhere(url: str) -> bool:
    return urlsplit(url).netloc != ""


def _leads(link: str, file: Path, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = file if not parts.path else (file.parent / unquote(parts.path)).resolve()
    if target.is_dir():
        target /= "index.html"
    if target not in pages:
        return target.is_file()
    return not parts.fragment or unquote(parts.fragment) in pages[target].anchors

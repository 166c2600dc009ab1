"""One self-contained HTML page: a template of templates/, style sheets and scripts of ours, and texts of anybody's.

Nothing is loaded from anywhere, and the page says so in a policy that a browser enforces: no picture, no request, no
style and no script but ours, of which it tells the digests; nor can a script make markup out of text. What a text holds
does nothing: it is escaped as markup, never stands in an address or a style, and controls, direction marks among them,
are taken out, so that one text cannot rearrange the others.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from g7classify import extras
from g7classify.report import visible

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, *, styles: Sequence[str] = (), scripts: Sequence[str] = (), **values: Any) -> str:
    """The page of a template, given the values that it names.

    Args:
        template: a file of templates/ that extends page.html.
        styles: style sheets of templates/ that it needs beside page.css.
        scripts: scripts of templates/.
        values: what else it needs; texts may be anybody's.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    return environment(styles=styles, scripts=scripts).get_template(template).render(**values)


def environment(*, styles: Sequence[str] = (), scripts: Sequence[str] = ()) -> Environment:
    """What templates are rendered by: everything is escaped, and a name that is not given is an error.

    Args:
        styles, scripts: as in `render`; they and page.css are what the policy of the page allows.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    with extras.needed("html", by="a page"):
        import jinja2
        import markupsafe  # noqa: F401  # what jinja2 brings
    made: jinja2.Environment = _environment(tuple(styles), tuple(scripts))
    return made


@cache  # a template is compiled in some 20 ms, and then rendered in one or two
def _environment(styles: tuple[str, ...], scripts: tuple[str, ...]) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def harmless(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = Environment(
        loader=PackageLoader("g7classify"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=harmless,
    )
    css, script = _joined("page.css", *styles), _joined(*scripts)
    allowed = [f"style-src '{_digest(css)}'"]
    if script:
        allowed += [f"script-src '{_digest(script)}'", "require-trusted-types-for 'script'", "trusted-types 'none'"]
    policy = "; ".join(["default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"])
    # None of it holds what HTML would read as markup: a test says so.
    made.globals |= {"css": Markup(css), "script": Markup(script), "policy": Markup(policy)}
    made.filters |= {"share": share, "signed": signed}
    return made


def _joined(*names: str) -> str:
    folder = resources.files("g7classify").joinpath("templates")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def share(value: float | None) -> str:
    """A share to three places without its zero, as in .712; a dash where it is unknown."""
    return "–" if value is None else f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.3f}"


def signed(value: float | None) -> str:
    """A difference to three places with its sign, as in +0.012; a dash where it is unknown."""
    return "–" if value is None else f"{value:+.3f}"

"""One self-contained HTML page: a template of templates/, the one style sheet, and figures and texts of anybody's.

Nothing is loaded from anywhere, and the page says so in a policy that a browser enforces: no script, no picture, no
request, no style but the sheet. What a text holds does nothing: it is escaped as markup, never stands in an address or
a style, and controls, direction marks among them, are taken out, so that one text cannot rearrange the others.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

from g7classify.errors import MissingExtraError
from g7classify.report import visible

if TYPE_CHECKING:
    from jinja2 import Environment

EXTRA_LINE = "pip install 'g7classify[html]'"


def render(template: str, **values: Any) -> str:
    """The page of a template, given the values that it names.

    Args:
        template: a file of templates/ that extends page.html.
        values: what it needs; texts may be anybody's.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    return environment().get_template(template).render(**values)


def environment() -> Environment:
    """What templates are rendered by: everything is escaped, and a name that is not given is an error.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"pages need {error.name}, which is not installed: {EXTRA_LINE}") from error

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
    css = resources.files("g7classify").joinpath("templates", "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    made.globals |= {"css": Markup(css), "css_sha256": digest}
    made.filters |= {"share": share, "signed": signed}
    return made


def share(value: float | None) -> str:
    """A share to three places without its zero, as in .712; a dash where it is unknown."""
    return "–" if value is None else f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.3f}"


def signed(value: float | None) -> str:
    """A difference to three places with its sign, as in +0.012; a dash where it is unknown."""
    return "–" if value is None else f"{value:+.3f}"

"""The templates: compiled when the app is made, and so by no request."""

from typing import Any, NoReturn

import pytest
from jinja2 import Environment

from web import rendering
from web.assets import Assets
from web.rendering import TEMPLATES, page_templates


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets()


def _refuse(*_given: Any, **_named: Any) -> NoReturn:
    raise AssertionError("A template is compiled.")


def test_no_request_compiles_a_template(monkeypatch: pytest.MonkeyPatch, assets: Assets) -> None:
    monkeypatch.setattr(rendering, "_compiled", rendering._Compiled())
    templates = page_templates(assets, public_url="", site_name="", demo=False)
    monkeypatch.setattr(Environment, "compile", _refuse)
    names = [path.name for path in TEMPLATES.iterdir()]
    assert len([templates.get_template(name) for name in names]) > 10


def test_a_process_compiles_each_template_once(monkeypatch: pytest.MonkeyPatch, assets: Assets) -> None:
    page_templates(assets, public_url="", site_name="", demo=False)
    monkeypatch.setattr(Environment, "compile", _refuse)
    again = page_templates(assets, public_url="https://example.org", site_name="Another", demo=True)
    assert again.env.globals["site"] == "Another"

"""`python server.py policy`: what the settings hold, and what they would have held."""

from pathlib import Path

from tests.delivery.filters import SECRET
from tests.support.http import People
from tests.support.servers import Parley, run, told


def test_a_dry_run_says_what_would_have_been_held(site: Parley, crowd: People, tmp_path: Path) -> None:
    ada, bo, mo = crowd("Ada"), crowd("Bo"), crowd("Mo", moderator=True)
    discussion = ada.start("Hello.", title="Some viagra")
    linked = ada.reply(discussion, "Third https://spam.example/x")
    late = bo.reply(discussion, "Mine https://spam.example/y")
    mo.reply(discussion, "Buy viagra at https://spam.example/z")
    gone = bo.reply(discussion, "Viagra.")
    bo.delete(gone)
    mo.write("addCategory", slug="looked-at", name="Looked at", premoderated=True)
    words = tmp_path / "words.txt"
    words.write_text("viagra\n", encoding="utf-8")
    chosen = site.settings | {"hold_first_posts": 1, "hold_links": 2, "held_words": words}
    shown = told("policy", "--dry-run", "--days", "1", **chosen).splitlines()
    assert shown[0] == "First posts that are held: 1 of a member, 1 of a guest."
    assert shown[5:] == [
        "Of the 4 posts of the last day it would have held 3.",
        "NEW_MEMBER: 2",
        f"  {discussion} by @{ada.handle}: Some viagra Hello.",
        f"  {late} by @{bo.handle}: Mine https://spam.example/y",
        "LINKS: 2",
        f"  {linked} by @{ada.handle}: Third https://spam.example/x",
        f"  {late} by @{bo.handle}: Mine https://spam.example/y",
        "WORDS: 1",
        f"  {discussion} by @{ada.handle}: Some viagra Hello.",
    ]
    # Nothing was done.
    assert mo.ask("{ reviewQueue { totalCount } }")["reviewQueue"]["totalCount"] == 0
    assert told("policy", **chosen).splitlines() == shown[:5]
    filtered = chosen | {"filter_url": "https://filter.example/ask", "filter_secret": SECRET}
    assert told("policy", "--dry-run", **filtered).splitlines()[-1] == "The outside filter was not asked."


def test_a_category_and_a_person_are_taken_as_they_are_now(site: Parley, crowd: People) -> None:
    ada, bo, mo = crowd("Ada"), crowd("Bo"), crowd("Mo", moderator=True)
    guarded = mo.write("addCategory", slug="guarded", name="Guarded")["category"]["id"]
    discussion = ada.start("In there.", categoryId=guarded)
    bo.reply(mo.start("Open."), "Elsewhere.")
    mo.write("editCategory", categoryId=guarded, premoderated=True)
    told("premoderate", "--handle", bo.handle, **site.settings)
    shown = told("policy", "--dry-run", **site.settings)
    assert f"CATEGORY: 1\n  {discussion} by @{ada.handle}: A title In there.\n" in shown
    assert f" by @{bo.handle}: Elsewhere.\n" in shown.partition("PERSON: 1\n")[2]


def test_wrong_settings_end_it_with_one_line(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("fine\n!!\n", encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'parley.db'}"
    for wrong, said in (
        ({"held_words": words}, 'PARLEY_HELD_WORDS: Line 2, "!!", has no word'),
        ({"held_words": tmp_path / "none"}, "PARLEY_HELD_WORDS: The file cannot be read: No such file or directory"),
        ({"hold_links": -1}, "PARLEY_HOLD_LINKS: "),
        ({"filter_url": "ftp://filter.example"}, "PARLEY_FILTER_URL: It must be a URL that begins with http://"),
        ({"filter_secret": "short"}, "PARLEY_FILTER_SECRET: It must be whsec_ and 24 to 64 random bytes in base64"),
        ({"filter_url": "https://filter.example"}, "PARLEY_FILTER_SECRET is unset"),
    ):
        done = run("policy", database_url=url, **wrong)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "short" not in done.stderr

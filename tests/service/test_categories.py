"""Categories: made and changed by moderators, listed by position, and known to followers at once."""

from typing import Any

import pytest
from sqlalchemy import text

from db import migrate
from tests.support.http import Data, People, Person, key
from tests.support.processes import ServerFailed
from tests.support.servers import Parley, told

pytestmark = pytest.mark.anyio

LIST = """query ($first: Int, $after: String) { categories(first: $first, after: $after) {
    totalCount nodes { id slug position } pageInfo { endCursor hasNextPage } } }"""


def slug() -> str:
    made: str = key()["clientMutationId"]
    return made


def add(person: Person, **given: Any) -> Data:
    made: Data = person.write("addCategory", **{"slug": slug(), "name": "A category"} | given)["category"]
    return made


def site_changes(person: Person, after: str) -> list[str]:
    """The categories of which followers of the feed are notified behind a cursor."""
    query = """query ($after: String!) { feedEvents(after: $after, first: 100, filter: {kinds: [CATEGORY_CHANGED]}) {
        nodes { event { ... on CategoryChanged { category { id name } } } } } }"""
    return [each["event"]["category"]["id"] for each in person.ask(query, after=after)["feedEvents"]["nodes"]]


async def entries(site: Parley, category: str) -> list[tuple[Any, ...]]:
    number = int(category.removeprefix("C_"))
    query = text("SELECT action, former FROM audit_entries WHERE category_id = :id ORDER BY id")
    url = str(site.settings["database_url"])
    return await migrate.transact(url, lambda connection: [tuple(r) for r in connection.execute(query, {"id": number})])


async def test_a_category_is_made_and_changed(site: Parley, crowd: People) -> None:
    mo = crowd("Mo", moderator=True)
    begin = mo.ask("{ feedCursor }")["feedCursor"]
    name = slug()
    made = add(mo, slug=name, name="  Ques tions ", description="What you  want to know.")
    assert made == {
        "id": made["id"],
        "slug": name,
        "name": "Ques tions",
        "description": "What you want to know.",
        "position": 0,
        "premoderated": False,
    }
    id_ = made["id"]
    for given, expected in (
        ({"name": "Answers"}, {"name": "Answers"}),
        ({"position": -3, "premoderated": True}, {"position": -3, "premoderated": True}),
        ({"description": ""}, {"description": None}),
        ({"description": None, "name": None}, {}),
        ({"name": "Answers"}, {}),
    ):
        made |= expected
        assert mo.write("editCategory", categoryId=id_, **given)["category"] == made
    assert site_changes(mo, begin) == [id_] * 4
    assert await entries(site, id_) == [
        ("ADD_CATEGORY", None),
        ("EDIT_CATEGORY", '{"name":["Ques tions","Answers"]}'),
        ("EDIT_CATEGORY", '{"position":[0,-3],"premoderated":[false,true]}'),
        ("EDIT_CATEGORY", '{"description":["What you want to know.",null]}'),
    ]


def test_only_moderators_make_and_change_categories(crowd: People) -> None:
    ada, mo = crowd("Ada"), crowd("Mo", moderator=True)
    made = add(mo)
    assert ada.refused("addCategory", slug=slug(), name="Mine")["code"] == "NOT_ALLOWED"
    assert ada.refused("editCategory", categoryId=made["id"], name="Mine")["code"] == "NOT_ALLOWED"
    assert crowd.reader.payload("addCategory", slug=slug(), name="Mine")["errors"][0]["code"] == "NOT_SIGNED_IN"
    assert mo.refused("editCategory", categoryId="C_999999", name="Mine")["code"] == "CATEGORY_NOT_FOUND"
    assert mo.node(made["id"], "... on Category { name }")["name"] == "A category"


@pytest.mark.parametrize("wrong", ["", "-", "a-", "-a", "a--b", "a b", "a/b", "A", "a_b", "é?", "a" * 61, "\u0000"])
def test_a_slug_is_letters_and_digits_with_hyphens(crowd: People, wrong: str) -> None:
    error = crowd("Mo", moderator=True).refused("addCategory", slug=wrong, name="A name")
    assert (error["code"], error["path"]) == ("INVALID_TEXT", ["input", "slug"])


def test_slugs_of_any_script_are_taken_once(crowd: People) -> None:
    mo = crowd("Mo", moderator=True)
    for begin in ("käse", "日本", "हिन्दी", "7"):
        chosen = f"{begin}-{slug()}"
        assert add(mo, slug=chosen)["slug"] == chosen
        error = mo.refused("addCategory", slug=chosen, name="Another")
        assert (error["code"], error["path"]) == ("SLUG_TAKEN", ["input", "slug"])


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"name": " \u200b"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"description": "x" * 501}, "description"),
        ({"description": "a\u0000"}, "description"),
    ],
)
def test_texts_of_categories_are_checked(crowd: People, given: Data, part: str) -> None:
    mo = crowd("Mo", moderator=True)
    made = add(mo)
    for mutation, more in (
        ("addCategory", {"slug": slug(), "name": "Fine"}),
        ("editCategory", {"categoryId": made["id"]}),
    ):
        error = mo.refused(mutation, **more | given)
        assert (error["code"], error["path"]) == ("INVALID_TEXT", ["input", part])


def test_categories_are_listed_by_position_then_age(crowd: People) -> None:
    mo = crowd("Mo", moderator=True)
    for position in (5, -2, 5, 0, 2**31 - 1, -(2**31), 5):
        add(mo, position=position)
    everything: list[Data] = []
    after = None
    while True:
        page = mo.ask(LIST, first=2, after=after)["categories"]
        everything += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    places = [(each["position"], int(each["id"].removeprefix("C_"))) for each in everything]
    assert places == sorted(places) and len(places) == page["totalCount"]
    for wrong in ("C_1", "c1", "c1.x", "r5"):
        error = mo.post(LIST, first=2, after=wrong).json()["errors"][0]
        assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_the_command_line_does_the_same(site: Parley, crowd: People) -> None:
    name = slug()
    made = ("--slug", name, "--name", "By hand", "--position", "4", "--premoderated")
    told("category", "add", *made, **site.settings)
    shown = crowd.reader.ask(
        "query ($slug: String!) { category(slug: $slug) { id name position premoderated } }", slug=name
    )
    id_ = shown["category"].pop("id")
    assert shown["category"] == {"name": "By hand", "position": 4, "premoderated": True}
    told("category", "edit", "--slug", name, "--name", "Otherwise", "--not-premoderated", **site.settings)
    assert f"   4  {name}  Otherwise\n" in told("category", "list", **site.settings)
    assert [action for action, _ in await entries(site, id_)] == ["ADD_CATEGORY", "EDIT_CATEGORY"]
    for wrong in (("add", *made), ("edit", "--slug", slug()), ("add", "--slug", "A B", "--name", "x")):
        with pytest.raises(ServerFailed):
            told("category", *wrong, **site.settings)

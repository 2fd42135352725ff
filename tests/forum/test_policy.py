"""What is held: the policy as a function of a post, its author and the site, over all that it may be given."""

from itertools import product

import pytest

from db.kinds import AuthorRole, FilterAnswer, HoldReason
from forum.policy import Author, Policy, PostFacts, hold_reasons, posts_needed

POLICIES = [
    Policy(first_posts=first, first_posts_of_guests=of_guests, posts_before_links=links)
    for first, of_guests, links in product((0, 1, 3), (0, 1, 2), (0, 2))
]
POSTS = [
    PostFacts(
        has_links=links,
        has_held_words=words,
        category_premoderated=category,
        person_premoderated=person,
        filter_answer=said,
    )
    for links, words, category, person in product((False, True), repeat=4)
    for said in (FilterAnswer.PUBLISH, FilterAnswer.HOLD, None)
]


@pytest.mark.parametrize("role", AuthorRole)
def test_each_reason_holds_by_itself(role: AuthorRole) -> None:
    for policy, post, published in product(POLICIES, POSTS, range(5)):
        first = policy.first_posts_of_guests if role is AuthorRole.GUEST else policy.first_posts
        expected = [
            (HoldReason.NEW_MEMBER, published < first),
            (HoldReason.LINKS, post.has_links and published < policy.posts_before_links),
            (HoldReason.WORDS, post.has_held_words),
            (HoldReason.CATEGORY, post.category_premoderated),
            (HoldReason.PERSON, post.person_premoderated),
            (HoldReason.FILTER, post.filter_answer != "publish"),
        ]
        wanted = tuple(reason for reason, holds in expected if holds)
        found = hold_reasons(post, Author(role, published), policy)
        assert found == (() if role in ("MODERATOR", "APPLICATION") else wanted), (policy, post, published)


@pytest.mark.parametrize("role", AuthorRole)
def test_no_more_posts_are_counted_than_make_a_difference(role: AuthorRole) -> None:
    for policy, post in product(POLICIES, POSTS):
        needed = posts_needed(post, role, policy)
        found = [hold_reasons(post, Author(role, published), policy) for published in range(10)]
        assert found[needed:] == [found[needed]] * (10 - needed)
        # One less would be too few.
        assert needed == 0 or found[needed - 1] != found[needed]


def test_a_site_without_a_policy_holds_nothing() -> None:
    assert hold_reasons(PostFacts(has_links=True), Author(AuthorRole.GUEST), Policy()) == ()
    assert posts_needed(PostFacts(has_links=True), AuthorRole.GUEST, Policy()) == 0

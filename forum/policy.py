"""What is held before others read it: a pure function of the post, its author and the policy of the site."""

from dataclasses import dataclass, field

from db.kinds import AuthorRole, FilterAnswer, HoldReason
from text.held_words import HeldWords

NEVER_HELD = frozenset({AuthorRole.MODERATOR, AuthorRole.APPLICATION})
"""What they write is published at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a site holds, beside what its moderators hold by category and by person."""

    first_posts: int = 0
    """How many posts of a member are held until so many are published."""
    first_posts_of_guests: int = 0
    """The same of a guest."""
    posts_before_links: int = 0
    """How many published posts somebody needs before their links go through."""
    words: HeldWords = field(default_factory=HeldWords)
    """What is held wherever it stands."""

    def first_posts_of(self, role: AuthorRole) -> int:
        """How many first posts of such a person are held."""
        return self.first_posts_of_guests if role is AuthorRole.GUEST else self.first_posts


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFacts:
    """What the policy asks of a post, or of the edit of one."""

    has_links: bool = False
    """Whether it leads away from the site, of an edit, by an address that the post did not have before."""
    has_held_words: bool = False
    category_premoderated: bool = False
    """Whether all posts of its category are held."""
    person_premoderated: bool = False
    """Whether all posts of its author are held."""
    filter_answer: FilterAnswer | None = FilterAnswer.PUBLISH
    """None if the outside filter has not answered; PUBLISH also where there is none."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it."""

    role: AuthorRole
    published: int = 0
    """How many other posts of theirs can be read, counted up to what `posts_needed` says."""


def posts_needed(post: PostFacts, role: AuthorRole, policy: Policy) -> int:
    """How many published posts of its author make a difference; 0 if none have to be counted."""
    if role in NEVER_HELD:
        return 0
    return max(policy.first_posts_of(role), policy.posts_before_links if post.has_links else 0)


def hold_reasons(post: PostFacts, author: Author, policy: Policy) -> tuple[HoldReason, ...]:
    """Why a post is held, in the order of HoldReason; empty for one that is published at once."""
    if author.role in NEVER_HELD:
        return ()
    holds = {
        HoldReason.NEW_MEMBER: author.published < policy.first_posts_of(author.role),
        HoldReason.LINKS: post.has_links and author.published < policy.posts_before_links,
        HoldReason.WORDS: post.has_held_words,
        HoldReason.CATEGORY: post.category_premoderated,
        HoldReason.PERSON: post.person_premoderated,
        HoldReason.FILTER: post.filter_answer is not FilterAnswer.PUBLISH,
    }
    return tuple(reason for reason in HoldReason if holds[reason])

"""The checker, by histories that servers with one bug each would leave behind: every bug turns it red."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from tests.faults import stories
from tests.faults.checker import Kind, check
from tests.faults.history import Gauge, History, Logged, Post, Window
from tests.faults.machine import Probe, slow_moments
from tests.faults.stories import BEGAN, DISCUSSION, EVENTS, GAP_SECONDS


def a_sequence_of_all_discussions_gives_the_order(history: History) -> None:
    # Numbers are taken in one order and committed in another: 21 was there before 20, and who had seen 21 never asks.
    for follower in history.followers[3:6]:
        follower.frames = [frame for frame in follower.frames if frame.number != 20]


def numbers_are_taken_before_the_lock(history: History) -> None:
    # The write that was acknowledged first got the higher number.
    twenty, next_one = history.log[19], history.log[20]
    history.log = [
        *history.log[:19],
        next_one._replace(number=20, tag=twenty.tag),
        twenty._replace(number=21, tag=next_one.tag),
        *history.log[21:],
    ]
    for follower in history.followers:
        follower.frames = [stories.frame(event) for event in history.log if event.number > follower.first]
    stories.feed_again(history)


def a_rollback_leaves_a_gap(history: History) -> None:
    history.log = [event for event in history.log if event.number != 20]
    history.writes = [write for write in history.writes if write.key != "key-20"]
    history.fresh[DISCUSSION].pop(120)
    for follower in history.followers:
        follower.frames = [frame for frame in follower.frames if frame.number != 20]
        follower.posts.pop(120)


def the_bell_rings_before_the_commit(history: History) -> None:
    # Whoever is rung up reads nothing, and hears of it by the poll.
    for follower in history.followers[3:]:
        follower.frames = [frame._replace(at=frame.at + 3.0) for frame in follower.frames]


def there_is_no_poll(history: History) -> None:
    # With the broker away, events come with the first bell after it.
    history.windows = [Window("broker killed", "the broker", BEGAN + 10 * GAP_SECONDS, BEGAN + 22 * GAP_SECONDS)]
    back = history.windows[0].end + 0.1
    for follower in history.followers[3:]:
        follower.frames = [
            frame._replace(at=max(frame.at, back)) if 10 < frame.number < 22 else frame for frame in follower.frames
        ]


def there_is_no_poll_and_no_later_bell(history: History) -> None:
    history.windows = [Window("broker killed", "the broker", BEGAN + 58 * GAP_SECONDS, BEGAN + 64 * GAP_SECONDS)]
    for follower in history.followers[3:]:
        follower.frames = [frame for frame in follower.frames if frame.number < 59]


def resumption_begins_one_too_early(history: History) -> None:
    follower = history.followers[4]
    follower.opened = 2
    follower.connections.append(follower.frames[30].at - 0.001)
    follower.frames.insert(30, follower.frames[29]._replace(at=follower.frames[30].at - 0.002))


def resumption_begins_one_too_late(history: History) -> None:
    follower = history.followers[4]
    follower.opened = 2
    follower.connections.append(follower.frames[30].at - 0.001)
    del follower.frames[30]


def the_first_cursor_is_not_exclusive(history: History) -> None:
    follower = history.followers[1]
    event = next(event for event in history.log if event.number == follower.first)
    follower.frames.insert(0, stories.frame(event, after=0.1))


def live_events_overtake_the_replay(history: History) -> None:
    frames = history.followers[5].frames
    frames[40], frames[41] = frames[41], frames[40]


def restored_histories_are_not_told_apart(history: History) -> None:
    # A backup from event 50 on: other events took the numbers of those that some had heard.
    restored = [
        event._replace(tag=stories.tag(event.number, "other"), post=900 + event.number) for event in history.log
    ]
    history.log = [*history.log[:50], *restored[50:]]
    for write in history.writes[50:]:
        write.post = None if write.post is None else write.post + 800


def keys_are_kept_outside_of_the_transaction(history: History) -> None:
    # The process died between the two, so the repeat was written again.
    again = history.log[-1]._replace(number=EVENTS + 1, tag=stories.tag(EVENTS + 1), post=999, key="key-20")
    history.log = [*history.log, again]
    history.heads[DISCUSSION] = EVENTS + 1
    history.fresh[DISCUSSION][999] = Post(EVENTS + 1, 1, "VISIBLE", "Said by key-20.")
    for follower in history.followers:
        follower.frames.append(stories.frame(again, after=0.05))
        follower.posts[999] = history.fresh[DISCUSSION][999]


def keys_are_settled_before_the_commit(history: History) -> None:
    # A repeat is answered from the key, though the write it stands for was rolled back.
    write = replace(history.writes[-1], key="key-61", post=161)
    history.writes = [*history.writes, write]


def an_acknowledgement_comes_before_the_disk(history: History) -> None:
    # The database crashed, and forgot what some had heard already.
    history.log = history.log[:-1]
    history.heads[DISCUSSION] = EVENTS - 1
    history.fresh[DISCUSSION].pop(100 + EVENTS)


def an_event_is_told_without_its_write(history: History) -> None:
    history.log = [*history.log, stories.logged(EVENTS + 1)]
    history.heads[DISCUSSION] = EVENTS + 1


def an_answer_names_the_reply_of_another(history: History) -> None:
    history.writes[12].post = 140


def an_event_is_shown_to_followers_of_another_kind(history: History) -> None:
    edited = history.log[20]._replace(kind="ReplyEdited")
    history.log = [*history.log[:20], edited, *history.log[21:]]
    history.writes[20].kind = "ReplyEdited"
    history.fresh[DISCUSSION].pop(121)
    for follower in history.followers:
        follower.posts.pop(121)
        follower.frames = [
            frame._replace(kind="ReplyEdited") if frame.number == 21 else frame for frame in follower.frames
        ]


def old_words_are_served_from_the_ring(history: History) -> None:
    edited = Logged(DISCUSSION, EVENTS + 1, stories.tag(EVENTS + 1), "ReplyEdited", 120, 2, "edit", BEGAN + 40)
    history.log = [*history.log, edited]
    history.writes = [*history.writes, replace(history.writes[0], key="edit", kind="ReplyEdited", post=120)]
    history.heads[DISCUSSION] = EVENTS + 1
    history.fresh[DISCUSSION][120] = Post(20, 2, "VISIBLE", "Edited.")
    for follower in history.followers:
        if not follower.added_only:
            follower.frames.append(stories.frame(edited)._replace(version=1))


def an_edit_is_merged_wrongly(history: History) -> None:
    history.followers[3].posts[120] = Post(20, 1, "VISIBLE", "Other words.")


def events_wait_long_after_a_heal(history: History) -> None:
    heal = BEGAN + 20 * GAP_SECONDS
    history.windows = [Window("database crashed", "the database", heal - 1, heal)]
    frame = history.followers[6].frames[19]
    history.followers[6].frames[19] = frame._replace(at=heal + 11)


def tasks_are_left_behind(history: History) -> None:
    history.gauges = [Gauge("server 2", "tasks", 13, 14)]


def connections_are_left_behind(history: History) -> None:
    history.gauges = [Gauge("server 2", "connections to the database", 1, 18, 16)]


def followers_are_told_to_begin_anew(history: History) -> None:
    history.followers[3].complaints.append("was told to begin anew: HISTORY_CHANGED.")


def positions_are_taken_before_the_lock(history: History) -> None:
    # A sequencer that was slow committed 20 after others had followed to 21.
    for follower in history.feed_followers:
        follower.frames = [frame for frame in follower.frames if frame.position != 20]


def a_sequencer_leaves_the_outbox_as_it_is(history: History) -> None:
    # The next one sequences the same event again.
    event = history.log[19]
    again = stories.fed(event, EVENTS + 1)
    history.feed = [*history.feed, again]
    for follower in history.feed_followers:
        follower.frames.append(stories.fed_frame(again, event))


def a_kind_is_not_sent_to_the_feed(history: History) -> None:
    history.feed = [item._replace(position=item.position - (item.number > 20)) for item in history.feed]
    history.feed = [item._replace(tag=stories.tag(item.position, "feed")) for item in history.feed if item.number != 20]
    for follower in history.feed_followers:
        follower.frames = [
            stories.fed_frame(item, history.log[item.number - 1])
            for item in history.feed
            if item.position > follower.first
        ]


def a_rollback_leaves_an_item_in_the_feed(history: History) -> None:
    history.feed = [*history.feed, stories.fed(stories.logged(EVENTS + 1))]


def the_outbox_is_read_without_an_order(history: History) -> None:
    first, second = history.feed[19], history.feed[20]
    history.feed = [
        *history.feed[:19],
        first._replace(number=second.number),
        second._replace(number=first.number),
        *history.feed[21:],
    ]


def the_feed_resumes_one_too_early(history: History) -> None:
    frames = history.feed_followers[0].frames
    frames.insert(30, frames[29])


def the_feed_resumes_one_too_late(history: History) -> None:
    del history.feed_followers[1].frames[30]


def live_items_overtake_the_replay_of_the_feed(history: History) -> None:
    frames = history.feed_followers[2].frames
    frames[10], frames[11] = frames[11], frames[10]


def an_item_shows_another_event(history: History) -> None:
    frames = history.feed_followers[0].frames
    frames[7] = frames[7]._replace(event=frames[8].event)


def a_mirror_is_not_told_of_a_deletion(history: History) -> None:
    history.mirrored = ["The mirror has D_7 as it was; there is nothing."]


def an_entry_is_written_after_the_commit(history: History) -> None:
    history.unrecorded = ["Event 3 of discussion 7 has no audit entry."]


def a_rollback_leaves_a_gap_in_the_log_of_moderation(history: History) -> None:
    history.acts = [act for act in history.acts if act.position != 6]


def a_change_is_sequenced_before_the_opening(history: History) -> None:
    opened, changed = history.acts[4:6]
    swapped = [changed._replace(position=5, tag=opened.tag), opened._replace(position=6, tag=changed.tag)]
    history.acts = [*history.acts[:4], *swapped, *history.acts[6:]]


def an_item_goes_back(history: History) -> None:
    acts = list(history.acts)
    acts[6] = acts[6]._replace(version=1)
    history.acts = acts


def a_moderator_resumes_one_too_early(history: History) -> None:
    frames = history.moderators[0].frames
    frames.insert(8, frames[7])


def a_moderator_resumes_one_too_late(history: History) -> None:
    del history.moderators[1].frames[4]


def a_moderator_hears_nothing_of_the_last(history: History) -> None:
    del history.moderators[1].frames[-1]


def an_entry_shows_another_act(history: History) -> None:
    frames = history.moderators[0].frames
    frames[3] = frames[3]._replace(subject=99)


MODERATION_BUGS: list[tuple[Callable[[History], None], str]] = [
    (an_entry_is_written_after_the_commit, "lost"),
    (a_rollback_leaves_a_gap_in_the_log_of_moderation, "lost"),
    (a_change_is_sequenced_before_the_opening, "reordered"),
    (an_item_goes_back, "reordered"),
    (a_moderator_resumes_one_too_early, "doubled"),
    (a_moderator_resumes_one_too_late, "lost"),
    (a_moderator_hears_nothing_of_the_last, "lost"),
    (an_entry_shows_another_act, "phantom"),
]
"""What moderators alone could find."""
FEED_BUGS: list[tuple[Callable[[History], None], str]] = [
    (positions_are_taken_before_the_lock, "lost"),
    (a_sequencer_leaves_the_outbox_as_it_is, "doubled"),
    (a_kind_is_not_sent_to_the_feed, "lost"),
    (a_rollback_leaves_an_item_in_the_feed, "phantom"),
    (the_outbox_is_read_without_an_order, "reordered"),
    (the_feed_resumes_one_too_early, "doubled"),
    (the_feed_resumes_one_too_late, "lost"),
    (live_items_overtake_the_replay_of_the_feed, "reordered"),
    (an_item_shows_another_event, "phantom"),
    (a_mirror_is_not_told_of_a_deletion, "state"),
]
"""What nobody finds who follows discussions alone."""
BUGS: list[tuple[Callable[[History], None], str]] = [
    (a_sequence_of_all_discussions_gives_the_order, "lost"),
    (numbers_are_taken_before_the_lock, "reordered"),
    (a_rollback_leaves_a_gap, "lost"),
    (the_bell_rings_before_the_commit, "late"),
    (there_is_no_poll, "late"),
    (there_is_no_poll_and_no_later_bell, "lost"),
    (resumption_begins_one_too_early, "doubled"),
    (resumption_begins_one_too_late, "lost"),
    (the_first_cursor_is_not_exclusive, "doubled"),
    (live_events_overtake_the_replay, "reordered"),
    (restored_histories_are_not_told_apart, "phantom"),
    (keys_are_kept_outside_of_the_transaction, "doubled"),
    (keys_are_settled_before_the_commit, "lost"),
    (an_acknowledgement_comes_before_the_disk, "lost"),
    (an_event_is_told_without_its_write, "phantom"),
    (an_answer_names_the_reply_of_another, "phantom"),
    (an_event_is_shown_to_followers_of_another_kind, "phantom"),
    (old_words_are_served_from_the_ring, "phantom"),
    (an_edit_is_merged_wrongly, "state"),
    (events_wait_long_after_a_heal, "late"),
    (tasks_are_left_behind, "leak"),
    (connections_are_left_behind, "leak"),
    (followers_are_told_to_begin_anew, "complaint"),
]


def test_nothing_is_wrong_with_a_good_history() -> None:
    assert check(stories.good()) == []


ALL_BUGS = [*BUGS, *FEED_BUGS, *MODERATION_BUGS]


@pytest.mark.parametrize(("bug", "kind"), ALL_BUGS, ids=[bug.__name__ for bug, _ in ALL_BUGS])
def test_a_bug_turns_it_red(bug: Callable[[History], None], kind: str) -> None:
    history = stories.good()
    bug(history)
    found = check(history)
    assert kind in {finding.kind for finding in found}
    assert all(finding.sentence.endswith(".") for finding in found)


@pytest.mark.parametrize("bug", [bug for bug, _ in FEED_BUGS])
def test_a_bug_of_the_feed_is_told_of_the_feed_alone(bug: Callable[[History], None]) -> None:
    history = stories.good()
    bug(history)
    assert all("feed" in finding.sentence or "mirror" in finding.sentence for finding in check(history))


def test_every_kind_of_finding_is_found_by_some_bug() -> None:
    assert {kind for _, kind in BUGS} == set(get_args(Kind))


def test_what_is_away_with_the_broker_may_come_by_the_poll() -> None:
    history = stories.good()
    history.windows = [Window("broker killed", "the broker", BEGAN, BEGAN + 15)]
    for follower in history.followers[3:]:
        follower.frames = sorted(frame._replace(at=max(frame.at, BEGAN + 5)) for frame in follower.frames)
    # Of the calm time after it there are too few deliveries, which is no matter here.
    assert {finding.sentence.split()[0] for finding in check(history)} <= {"Only"}


def test_a_late_reconnect_is_not_a_late_event() -> None:
    history = stories.good()
    follower = history.followers[3]
    follower.frames[10:30] = [frame._replace(at=BEGAN + 16) for frame in follower.frames[10:30]]
    follower.connections = [BEGAN + 15.9]
    assert check(history) == []


def test_what_is_late_while_the_machine_is_slow_is_not_called_late() -> None:
    history = stories.good()
    for follower in history.followers[3:]:
        follower.frames = [
            frame._replace(at=frame.at + 1) if 10 < frame.number < 30 else frame for frame in follower.frames
        ]
    assert {finding.kind for finding in check(history)} == {"late"}
    begin, end = BEGAN + 9 * GAP_SECONDS, BEGAN + 31 * GAP_SECONDS
    history.slow = [Window("slow", "the machine", begin, end)]
    # There are fewer to judge, which is no matter here.
    assert {finding.sentence.split()[0] for finding in check(history)} <= {"Only"}


def test_a_machine_is_slow_when_the_same_work_takes_longer_than_it_need() -> None:
    steady = [Probe(float(at), 0.001, 0.0005) for at in range(50)]
    assert slow_moments(steady) == []
    # One moment by itself says nothing of the processor, and much of the disk.
    steady[10] = Probe(10.0, 0.005, 0.0005)
    steady[20:25] = [Probe(float(at), 0.0013, 0.0005) for at in range(20, 25)]
    steady[40] = Probe(40.0, 0.001, 0.2)
    found = [(window.begin, round(window.end, 1)) for window in slow_moments(steady)]
    assert found == [*((at - 0.5, at + 2.0) for at in range(20, 25)), (39.5, 42.2)]

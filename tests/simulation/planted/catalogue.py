"""Every planted fault, the invariants that it breaks, and a seed that shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from simulation.planted import attempts, claims, commands, conversations, edits, late, overlap, slots

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault breaks one of these invariants, by number. The first seed that showed it saves the search for one."""

    breaks: set[int]
    seed: int = 0


PLANTED: Mapping[Plant, Planted] = {
    claims.claim_without_precondition: Planted({1, 5}, seed=8),
    claims.enqueue_before_commit: Planted({7}),
    claims.loser_does_not_look: Planted({7}, seed=8),
    claims.catch_up_from_now: Planted({1}),
    claims.misses_leave_no_record: Planted({1}, seed=2),
    claims.misses_have_no_reason: Planted({8}, seed=2),
    claims.backlog_is_not_shared: Planted({9}, seed=9),
    claims.tick_claims_one_page: Planted({9}),
    claims.crowd_is_left_to_its_continuations: Planted({9}, seed=68),
    attempts.settle_without_fence: Planted({2}, seed=9),
    attempts.usage_is_counted_apart: Planted({18}),
    attempts.rescue_without_new_attempt: Planted({2}),
    attempts.rescue_of_a_live_lease: Planted({2}, seed=1),
    attempts.runner_outlives_its_lease: Planted({2, 12}, seed=12),
    attempts.retries_without_end: Planted({3}),
    attempts.claim_of_an_attempt_without_compare: Planted({2}, seed=2),
    attempts.cancelled_run_starts: Planted({3}),
    attempts.sweep_skips_queued_runs: Planted({7}),
    attempts.heartbeats_extend_nothing: Planted({12}),
    attempts.runner_ignores_cancellation: Planted({12}, seed=12),
    attempts.timeout_comes_early: Planted({12}),
    attempts.runs_start_early: Planted({11}),
    attempts.runner_ignores_sigterm: Planted({12}, seed=9),
    attempts.hand_back_without_new_attempt: Planted({2}, seed=3),
    edits.edit_leaves_claimed_runs: Planted({1}),
    edits.edit_ignores_last_decision_time: Planted({1}, seed=67),
    edits.edit_drops_unclaimed_fire_times: Planted({1}, seed=4),
    edits.pause_keeps_next_fire_time: Planted({6}),
    edits.deletion_forgets_the_last_run: Planted({4}, seed=46),
    conversations.signals_are_given_before_they_are_marked: Planted({15}, seed=2),
    conversations.sweep_ends_no_wait: Planted({7, 16}, seed=5),
    conversations.wait_ends_early: Planted({16}, seed=2),
    conversations.deadline_replaces_an_answer: Planted({16}, seed=262),
    conversations.whoever_answers_is_told_that_it_counts: Planted({16}, seed=2),
    conversations.second_callback_replaces_the_first: Planted({16}, seed=8),
    conversations.answer_meets_a_later_question: Planted({16}, seed=2),
    conversations.callback_after_the_end_is_taken: Planted({3}, seed=2),
    conversations.approval_wakes_a_cancelled_run: Planted({3}, seed=8),
    conversations.continuation_begins_at_once: Planted({11}, seed=8),
    conversations.waiting_run_counts_as_ended: Planted({4}, seed=10),
    conversations.resumed_run_takes_no_lock: Planted({10, 17}, seed=2),
    conversations.continued_run_takes_no_lock: Planted({17}, seed=2),
    conversations.lock_of_a_conversation_is_taken_over: Planted({17}, seed=8),
    conversations.running_run_is_resumed: Planted({17}, seed=2),
    commands.command_takes_no_lock: Planted({22}, seed=9),
    commands.command_does_not_wait_for_its_run: Planted({22}, seed=9),
    commands.command_is_repeated: Planted({22}, seed=9),
    late.late_runs_take_no_turns: Planted({13}, seed=4),
    late.claim_freezes_the_catch_up_policy: Planted({14}),
    late.start_deadline_is_ignored: Planted({14}, seed=20),
    late.latest_runs_whatever_has_come_since: Planted({14}, seed=4),
    overlap.sweep_skips_held_runs: Planted({7}, seed=8),
    overlap.lock_is_never_released: Planted({10}, seed=1),
    overlap.launch_without_lock: Planted({10}),
    overlap.keys_are_ignored: Planted({1}),
    overlap.skip_follows_one_pointer: Planted({4}, seed=4),
    overlap.queue_without_depth: Planted({4}, seed=12),
    overlap.replace_does_not_wait: Planted({4}, seed=7),
    overlap.settlement_promotes_no_run: Planted({4}, seed=7),
    slots.slot_is_never_given_back: Planted({20}),
    slots.rescue_leaks_the_slot: Planted({20}),
    slots.slots_are_counted_and_not_compared: Planted({19}),
    slots.lowered_limit_counts_low_slots_only: Planted({19}, seed=184),
    slots.limit_of_the_project_is_ignored: Planted({19}, seed=5),
    slots.limit_of_the_project_reaches_one_agent: Planted({19}, seed=19),
    slots.slot_of_a_lost_record_stays_taken: Planted({7, 21}, seed=113),
    slots.settlement_promotes_nobody_in_line: Planted({21}, seed=4),
    slots.sweep_forgets_the_line: Planted({21}, seed=39),
    slots.nobody_watches_the_line: Planted({21}, seed=39),
    slots.newest_goes_first: Planted({21}),
    slots.line_is_passed_by: Planted({21}, seed=13),
}

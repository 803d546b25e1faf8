"""Every planted fault, the invariants that it breaks, and a seed that shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from simulation.planted import attempts, claims, edits, late, overlap

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault breaks one of these invariants, by number. The first seed that showed it saves the search for one."""

    breaks: set[int]
    seed: int = 0


PLANTED: Mapping[Plant, Planted] = {
    claims.claim_without_precondition: Planted({1, 5}, seed=101),
    claims.enqueue_before_commit: Planted({7}),
    claims.loser_does_not_look: Planted({7}, seed=4),
    claims.catch_up_from_now: Planted({1}),
    claims.misses_leave_no_record: Planted({1}),
    claims.misses_have_no_reason: Planted({8}),
    claims.backlog_is_not_shared: Planted({9}, seed=9),
    claims.tick_claims_one_page: Planted({9}),
    claims.crowd_is_left_to_its_continuations: Planted({9}, seed=41),
    attempts.settle_without_fence: Planted({2}, seed=4),
    attempts.rescue_without_new_attempt: Planted({2}),
    attempts.rescue_of_a_live_lease: Planted({2}),
    attempts.runner_outlives_its_lease: Planted({2, 12}, seed=15),
    attempts.retries_without_end: Planted({3}),
    attempts.claim_of_an_attempt_without_compare: Planted({2}, seed=2),
    attempts.cancelled_run_starts: Planted({3}),
    attempts.sweep_skips_queued_runs: Planted({7}),
    attempts.heartbeats_extend_nothing: Planted({12}),
    attempts.runner_ignores_cancellation: Planted({12}, seed=15),
    attempts.timeout_comes_early: Planted({12}),
    attempts.runs_start_early: Planted({11}),
    attempts.runner_ignores_sigterm: Planted({12}, seed=9),
    attempts.hand_back_without_new_attempt: Planted({2}),
    edits.edit_leaves_claimed_runs: Planted({1}),
    edits.edit_ignores_last_decision_time: Planted({1}, seed=38),
    edits.edit_drops_unclaimed_fire_times: Planted({1}, seed=3),
    edits.pause_keeps_next_fire_time: Planted({6}),
    edits.deletion_forgets_the_last_run: Planted({4}, seed=60),
    late.late_runs_take_no_turns: Planted({13}),
    late.claim_freezes_the_catch_up_policy: Planted({14}),
    late.start_deadline_is_ignored: Planted({14}),
    late.latest_runs_whatever_has_come_since: Planted({14}),
    overlap.sweep_skips_held_runs: Planted({7}, seed=8),
    overlap.lock_is_never_released: Planted({10}),
    overlap.launch_without_lock: Planted({10}, seed=1),
    overlap.keys_are_ignored: Planted({1}),
    overlap.skip_follows_one_pointer: Planted({4}, seed=2),
    overlap.queue_without_depth: Planted({4}, seed=2),
    overlap.replace_does_not_wait: Planted({4}),
    overlap.settlement_promotes_no_run: Planted({4}),
}

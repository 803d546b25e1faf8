"""Every planted fault, and the invariants, by number, of which it breaks one."""

from collections.abc import Callable, Mapping

import pytest

from simulation.planted import attempts, claims, edits, overlap

Plant = Callable[[pytest.MonkeyPatch], None]

PLANTED: Mapping[Plant, set[int]] = {
    claims.claim_without_precondition: {1, 5},
    claims.enqueue_before_commit: {7},
    claims.loser_does_not_look: {7},
    claims.catch_up_from_now: {1},
    claims.misses_leave_no_record: {1},
    claims.misses_have_no_reason: {8},
    claims.backlog_is_not_shared: {9},
    claims.backlog_is_forgotten: {9},
    attempts.settle_without_fence: {2},
    attempts.rescue_without_new_attempt: {2},
    attempts.rescue_of_a_live_lease: {2},
    attempts.runner_outlives_its_lease: {2, 12},
    attempts.retries_without_end: {3},
    attempts.claim_of_an_attempt_without_compare: {2},
    attempts.cancelled_run_starts: {3},
    attempts.sweep_forgets_the_queued: {7},
    attempts.heartbeats_extend_nothing: {12},
    attempts.runner_is_deaf: {12},
    attempts.timeout_comes_early: {12},
    attempts.runs_start_early: {11},
    attempts.runner_ignores_its_end: {12},
    attempts.hand_back_without_new_attempt: {2},
    edits.edit_leaves_claimed_runs: {1},
    edits.edit_by_its_own_clock: {1},
    edits.edit_drops_the_past: {1},
    edits.pause_leaves_it_due: {6},
    overlap.sweep_forgets_the_held: {7},
    overlap.lock_is_never_released: {10},
    overlap.launch_without_lock: {10},
    overlap.keys_are_ignored: {1},
    overlap.skip_follows_one_pointer: {4},
    overlap.queue_without_depth: {4},
    overlap.replace_does_not_wait: {4},
    overlap.settlement_promotes_nobody: {4},
}

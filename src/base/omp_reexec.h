/* SPDX-License-Identifier: MIT */
/* Re-executes the program with OMP_WAIT_POLICY=passive.
 *
 * The threads of libgomp spin for milliseconds after each parallel region, which takes a core from
 * other threads that have work: on two busy cores an index run processed 50 photos a second with
 * spinning threads, and 350 with sleeping ones. libgomp reads OMP_WAIT_POLICY once, when the
 * program is loaded, so changing it takes an exec. */
#pragma once

/* Call this before any other work. Executes this program again in the same process, with the same
 * arguments and OMP_WAIT_POLICY=passive. Returns when OMP_WAIT_POLICY or GOMP_SPINCOUNT is already
 * set, or when exec fails. Costs about 10 ms, which suits commands that run longer. */
void omp_reexec_passive(void);

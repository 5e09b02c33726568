/* SPDX-License-Identifier: MIT */
/* How the threads of matrix products wait for each other.
 *
 * libgomp's threads spin for milliseconds after each parallel region. Beside threads of our own, or
 * of other programs, that keeps a core from those who have work: an index run on two busy cores
 * made 50 photos a second spinning and 350 sleeping. libgomp reads OMP_WAIT_POLICY once, when the
 * program is loaded, so the program has to be started again to change it. */
#pragma once

/* Starts this program again with the same arguments, in the same process, with
 * OMP_WAIT_POLICY=passive; to be called before any other work. Returns when OMP_WAIT_POLICY or
 * GOMP_SPINCOUNT is set already, or the program cannot be started again. Costs some 10 ms: for
 * commands that run longer. */
void waiting_make_passive(void);

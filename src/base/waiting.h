/* How the threads of matrix products wait for each other.
 *
 * libgomp's threads spin for milliseconds after each parallel region. Beside threads of our own, or
 * of other programs, that keeps a core from those who have work: an index run on two busy cores
 * made 50 photos a second spinning and 350 sleeping. libgomp reads OMP_WAIT_POLICY once, when the
 * program is loaded, so main has to start the program again to change it. */
#pragma once

/* The first thing in main. Starts the program again, in the same process, with
 * OMP_WAIT_POLICY=passive, unless OMP_WAIT_POLICY or GOMP_SPINCOUNT is set. Returns when there is
 * nothing to do or the program cannot be started again. */
void waiting_make_passive(char **args);

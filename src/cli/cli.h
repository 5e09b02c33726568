/* SPDX-License-Identifier: MIT */
/* The command line program. main() only calls this, so that tests can also call it. */
#pragma once

/* Returns the exit status (enum exit_status of cli/command.h). */
int cli_main(int argc, char **argv);

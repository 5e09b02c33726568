/* SPDX-License-Identifier: MIT */
/* The command line program; main() only calls this, so that tests can, too. */
#pragma once

/* Returns the exit status (enum exit_status of cli/command.h). */
int cli_main(int argc, char **argv);

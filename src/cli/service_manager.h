/* SPDX-License-Identifier: MIT */
/* What systemd is told of a service of Type=notify: sd_notify(3), without its library. */
#pragma once

/* Sends lines such as "READY=1" to the socket that NOTIFY_SOCKET names; does nothing without it.
 * Nobody is told of a failure: the manager notices that it was told nothing. */
void service_notify(const char *state);

/* SPDX-License-Identifier: MIT */
/* Notifies systemd from a service of Type=notify: sd_notify(3), without its library. */
#pragma once

/* Sends lines such as "READY=1" to the socket in NOTIFY_SOCKET; no-op without it. Best effort: a
 * failure is not reported, because the manager notices missing notifications. */
void service_notify(const char *state);

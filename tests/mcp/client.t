#!/bin/sh
# SPDX-License-Identifier: MIT
# `keepsake mcp` and the official client of the Model Context Protocol.
exec node "$(dirname "$(readlink -f "$0")")/client.mjs"

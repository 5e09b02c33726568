/* SPDX-License-Identifier: MIT */
/* Computes distances on the earth. */
#pragma once

/* Returns the great-circle distance in kilometres between two places in degrees, on a sphere with
 * the earth's mean radius; it is within 0.6 % of the true distance. */
double great_circle_km(double latitude, double longitude, double to_latitude, double to_longitude);

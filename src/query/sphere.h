/* SPDX-License-Identifier: MIT */
/* Distances on the earth. */
#pragma once

/* Kilometres along the great circle between two places in degrees, on a sphere of the earth's mean
 * radius: within 0.6 % of the true distance. */
double great_circle_km(double latitude, double longitude, double to_latitude, double to_longitude);

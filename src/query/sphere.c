/* SPDX-License-Identifier: MIT */
/* Computes distances on the earth with the haversine formula, which is also accurate for small
 * distances. */
#include "query/sphere.h"

#include <math.h>

#define EARTH_RADIUS_KM 6371.0088 /* mean radius, IUGG */

static double radians(double degrees)
{
    return degrees * (M_PI / 180);
}

double great_circle_km(double latitude, double longitude, double to_latitude, double to_longitude)
{
    double down = sin(radians(latitude - to_latitude) / 2);
    double across = sin(radians(longitude - to_longitude) / 2);
    double h = down * down + cos(radians(latitude)) * cos(radians(to_latitude)) * across * across;
    return 2 * EARTH_RADIUS_KM * asin(fmin(1, sqrt(h)));
}

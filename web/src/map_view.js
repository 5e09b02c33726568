// SPDX-License-Identifier: MIT
// Arithmetic of the map: a view is the place in its middle and a zoom; 0 shows the world over the whole width, each
// step doubles it. Longitude and latitude are drawn as they are (plate carrée).

const DEEPEST = 12;
const CELL = 70; // px of a cluster's cell
const FINER = 7; // steps of zoom
const KILOMETRES = 111.2; // of a degree of latitude

const scaleOf = ({ zoom }, { width }) => (width / 360) * 2 ** zoom; // px per degree

// Into -180 .. 180.
const wrapped = (longitude) => ((((longitude + 180) % 360) + 360) % 360) - 180;

/** Where a place is drawn, at the copy of it that is nearest to the middle: px, and px per degree. */
export function placeOf({ longitude, latitude }, view, size) {
    const scale = scaleOf(view, size);
    return {
        x: size.width / 2 + wrapped(longitude - view.longitude) * scale,
        y: size.height / 2 - (latitude - view.latitude) * scale,
        scale,
    };
}

// The same view, without what lies beyond the poles.
export function clampView({ longitude, latitude, zoom }, size) {
    const deep = Math.max(0, Math.min(DEEPEST, zoom));
    const half = size.height / 2 / scaleOf({ zoom: deep }, size);
    const most = Math.max(0, 90 - half);
    return { longitude: wrapped(longitude), latitude: Math.max(-most, Math.min(most, latitude)), zoom: deep };
}

// The place under `at` stays there.
export function zoomed(view, size, steps, at) {
    const zoom = Math.max(0, Math.min(DEEPEST, view.zoom + steps));
    const before = scaleOf(view, size);
    const after = scaleOf({ zoom }, size);
    const [dx, dy] = [at.x - size.width / 2, at.y - size.height / 2];
    return {
        longitude: view.longitude + dx / before - dx / after,
        latitude: view.latitude - dy / before + dy / after,
        zoom,
    };
}

/** west, south, east, north: what the window shows; west is larger than east over the 180th meridian. */
export function bounds(view, size) {
    const scale = scaleOf(view, size);
    const [across, down] = [size.width / 2 / scale, size.height / 2 / scale];
    const whole = across >= 180;
    const rounded = (degrees) => Number(degrees.toFixed(5));
    return [
        whole ? -180 : rounded(wrapped(view.longitude - across)),
        rounded(Math.max(-90, view.latitude - down)),
        whole ? 180 : rounded(wrapped(view.longitude + across)),
        rounded(Math.min(90, view.latitude + down)),
    ];
}

// The zoom of the API, whose cells are 90 / 2^zoom degrees.
export const cellZoom = (view, size) =>
    Math.max(0, Math.min(20, Math.round(Math.log2((90 * scaleOf(view, size)) / CELL))));

// Where in finer cells the photos of a cluster are: the window and zoom to ask for them.
export function cellOf({ latitude, longitude }, cell) {
    const south = Math.floor(latitude / cell) * cell;
    const west = Math.floor(longitude / cell) * cell;
    const bbox = [west, Math.max(-90, south), Math.min(180, west + cell), Math.min(90, south + cell)];
    const zoom = Math.min(20, Math.round(Math.log2(90 / cell)) + FINER);
    return { bbox: bbox.join(','), zoom };
}

function kilometres(a, b) {
    const radians = (degrees) => (degrees * Math.PI) / 180;
    const half = (from, to) => Math.sin(radians(to - from) / 2) ** 2;
    const chord = half(a.latitude, b.latitude) + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
    return 2 * 6371 * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/** The query for the photos of a cluster: around their mean, as far as the finer clusters in its cell reach. */
export function nearOf(cluster, cell, finer) {
    const isInside = ({ latitude, longitude }) =>
        Math.floor(latitude / cell) === Math.floor(cluster.latitude / cell) &&
        Math.floor(longitude / cell) === Math.floor(cluster.longitude / cell);
    const reach = Math.max(0, ...finer.clusters.filter(isInside).map((one) => kilometres(cluster, one)));
    const distance = (reach + finer.cell * KILOMETRES * Math.SQRT2) * 1.01;
    const written = distance >= 10 ? `${Math.ceil(distance)}km` : `${Math.max(50, Math.ceil(distance * 1000))}m`;
    return `near:${cluster.latitude.toFixed(5)},${cluster.longitude.toFixed(5)},${written}`;
}

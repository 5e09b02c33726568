// SPDX-License-Identifier: MIT
// The land of the world and its borders as SVG paths, from npm's world-atlas (TopoJSON of Natural Earth).
// A unit is a tenth of a degree: x from -1800 to 1800, y from -900 (north) to 900.
import { readFileSync } from 'node:fs';

const UNIT = 10;
const AROUND = 360 * UNIT;
const POLE = 90 * UNIT;

// TopoJSON keeps each line (arc) once, as steps between integers.
function linesOf({ arcs, transform: { scale, translate } }) {
    return arcs.map((steps) => {
        let x = 0;
        let y = 0;
        return steps.map(([dx, dy]) => {
            x += dx;
            y += dy;
            const place = [x * scale[0] + translate[0], -(y * scale[1] + translate[1])];
            return place.map((degrees) => Math.round(degrees * UNIT));
        });
    });
}

// "M0 0l5 5": relative steps are shorter than places.
function pathOf(points, isRing) {
    let [x, y] = points[0];
    let along = 0;
    const steps = points.slice(1).map(([toX, toY]) => {
        const dx = toX - x;
        const step = [Math.abs(dx) > AROUND / 2 ? dx - Math.sign(dx) * AROUND : dx, toY - y]; // over the 180th meridian
        [x, y] = [toX, toY];
        along += step[0];
        return step;
    });
    if (isRing && Math.abs(along) > AROUND / 2) steps.push([0, POLE - y], [-along, 0]); // Antarctica is around the pole
    const moves = steps.filter(([dx, dy]) => dx || dy).map(([dx, dy]) => `${dx}${dy < 0 ? '' : ' '}${dy}`);
    if (moves.length < (isRing ? 3 : 1)) return ''; // smaller than a unit
    return `M${points[0].join(' ')}l${moves.join(' ').replaceAll(' -', '-')}${isRing ? 'z' : ''}`;
}

function polygonsOf(geometry) {
    if (geometry.geometries) return geometry.geometries.flatMap(polygonsOf);
    return geometry.type === 'Polygon' ? [geometry.arcs] : (geometry.arcs ?? []);
}

/** @param {string} file a TopoJSON file with the objects `land` and `countries` */
export function worldOf(file) {
    const world = JSON.parse(readFileSync(file, 'utf8'));
    const lines = linesOf(world);
    const line = (arc) => (arc < 0 ? lines[~arc].toReversed() : lines[arc]);
    const ring = (arcs) => arcs.flatMap((arc, i) => line(arc).slice(i ? 1 : 0));
    const land = polygonsOf(world.objects.land).flat().map((arcs) => pathOf(ring(arcs), true));
    const uses = new Map();
    for (const arc of polygonsOf(world.objects.countries).flat(2))
        uses.set(arc < 0 ? ~arc : arc, (uses.get(arc < 0 ? ~arc : arc) ?? 0) + 1);
    const borders = [...uses].filter(([, count]) => count > 1).map(([arc]) => pathOf(lines[arc], false));
    return { land: land.join(''), borders: borders.join('') };
}

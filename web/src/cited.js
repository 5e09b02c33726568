// SPDX-License-Identifier: MIT
// Photos that the latest answer cites: their tiles in the grid carry the number.
let numbers = new Map();
const listeners = new Set();

export const citedNumber = (photo) => numbers.get(photo);
export const onCited = (listener) => listeners.add(listener);

export function setCited(citations) {
    numbers = new Map(citations.map(({ photo, number }) => [photo, number]));
    for (const listener of listeners) listener();
}

// Marks a tile, or takes its mark away.
export function markCited(tile) {
    const number = numbers.get(Number(tile.dataset.photo));
    if (number === undefined) delete tile.dataset.cited;
    else tile.dataset.cited = String(number);
}

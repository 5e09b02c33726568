// SPDX-License-Identifier: MIT
// Inputs for tools that the stand-in has never seen: filled from their JSON schema, by the names
// that the properties have.

const STOP_WORDS = new Set(
    [
        'a an and are at be can did do does doing for from has have how i in is it me my of on or',
        'our show tell that the there these this those to was were what when where which who whose',
        'why with you',
    ]
        .join(' ')
        .split(' '),
);

export function queryOf(question) {
    const words = question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    const useful = words.filter((word) => !STOP_WORDS.has(word));
    return (useful.length > 0 ? useful : words).slice(0, 4).join(' ') || 'photo';
}

// The middle quarter of a picture, in its pixels.
export function middle({ width, height }) {
    const quarter = (side) => Math.floor(side / 4);
    return {
        left: quarter(width),
        top: quarter(height),
        width: Math.max(1, Math.floor(width / 2)),
        height: Math.max(1, Math.floor(height / 2)),
        right: quarter(width) + Math.max(1, Math.floor(width / 2)),
        bottom: quarter(height) + Math.max(1, Math.floor(height / 2)),
    };
}

// prettier-ignore
const BOX_KEYS = {
    x: 'left', left: 'left', x1: 'left', x_min: 'left',
    y: 'top', top: 'top', y1: 'top', y_min: 'top',
    width: 'width', w: 'width', height: 'height', h: 'height',
    x2: 'right', right: 'right', x_max: 'right',
    y2: 'bottom', bottom: 'bottom', y_max: 'bottom',
};

function ofType(schema, value) {
    const type = [schema.type].flat().find((name) => name !== 'null');
    if (type === 'string') return String(value);
    if (type === 'array') return [value];
    return value;
}

function propertyValue(name, schema, hints, required) {
    const image = hints.image ?? { number: 1, width: 100, height: 100 };
    const box = middle(image);
    const type = [schema.type].flat()[0];
    if (/query|text|words|look_?for/.test(name) && type !== 'object')
        return ofType(schema, hints.query);
    if (/crop|box|region|area|part/.test(name)) {
        if (type === 'object') return fillInput(schema, hints);
        return [box.left, box.top, box.right, box.bottom];
    }
    if (Object.hasOwn(BOX_KEYS, name)) return ofType(schema, box[BOX_KEYS[name]]);
    if (/photo|image|number|^id$|^n$/.test(name)) return ofType(schema, image.number);
    if (/count|limit|^k$/.test(name)) return ofType(schema, 2);
    if (!required) return undefined;
    if (schema.enum) return schema.enum[0];
    if (type === 'boolean') return true;
    if (type === 'object') return fillInput(schema, hints);
    return ofType(schema, type === 'string' ? hints.query : 1);
}

// hints: {query, image: {number, width, height}}
export function fillInput(schema, hints) {
    const input = {};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const required = (schema.required ?? []).includes(name);
        const value = propertyValue(name, property, hints, required);
        if (value !== undefined) input[name] = value;
    }
    return input;
}

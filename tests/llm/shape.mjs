// SPDX-License-Identifier: MIT
// The shape of JSON, checked the way the service words it: "messages.0.content.1.text: Field
// required".
//
// A spec is an object from key to check. checkShape refuses keys that the spec does not name. A
// check is a function (value, path) or required(...)/nullable(...) of one; helpers below make the
// usual ones.
import { Refusal } from './refusal.mjs';

export const at = (path, key) => (path === '' ? String(key) : `${path}.${key}`);

export function refuse(path, message, details) {
    throw new Refusal(400, path === '' ? message : `${path}: ${message}`, { details });
}

export const isObject = (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value);

export function checkShape(value, path, spec) {
    if (!isObject(value)) refuse(path, 'Input should be a valid dictionary');
    for (const key of Object.keys(value)) {
        if (!Object.hasOwn(spec, key)) refuse(at(path, key), 'Extra inputs are not permitted');
    }
    for (const [key, check] of Object.entries(spec)) {
        if (value[key] !== undefined) check(value[key], at(path, key));
        else if (check.required) refuse(at(path, key), 'Field required');
    }
}

export function required(check) {
    const same = (value, path) => check(value, path);
    same.required = true;
    return same;
}

export function nullable(check) {
    return (value, path) => {
        if (value !== null) check(value, path);
    };
}

const expect = (test, words) => (value, path) => {
    if (!test(value)) refuse(path, `Input should be ${words}`);
};

export const anything = () => {};
export const string = expect((value) => typeof value === 'string', 'a valid string');
export const boolean = expect((value) => typeof value === 'boolean', 'a valid boolean');
export const number = expect((value) => typeof value === 'number', 'a valid number');
export const object = expect(isObject, 'a valid dictionary');
export const array = expect(Array.isArray, 'a valid list');

export const integer = (low, high = Infinity) =>
    expect(
        (value) => Number.isInteger(value) && value >= low && value <= high,
        `a valid integer from ${low}${high === Infinity ? '' : ` to ${high}`}`,
    );

export const oneOf = (...values) =>
    expect((value) => values.includes(value), values.map((value) => `'${value}'`).join(' or '));

export const matching = (pattern) => (value, path) => {
    string(value, path);
    if (!pattern.test(value)) refuse(path, `String should match pattern '${pattern.source}'`);
};

export const listOf = (check) => (value, path) => {
    array(value, path);
    value.forEach((item, index) => check(item, at(path, index)));
};

export const shaped = (spec) => (value, path) => checkShape(value, path, spec);

// An object whose "type" chooses the spec.
export const tagged = (specs) => (value, path) => {
    object(value, path);
    if (!Object.hasOwn(specs, value.type)) {
        const known = Object.keys(specs)
            .map((name) => `'${name}'`)
            .join(', ');
        const found = JSON.stringify(value.type) ?? 'nothing';
        refuse(
            at(path, 'type'),
            `Input tag ${found} found does not match any of the expected tags: ${known}`,
        );
    }
    checkShape(value, path, { type: anything, ...specs[value.type] });
};

// SPDX-License-Identifier: MIT
// The facts of a photo that need no lines of their own here: the API's document says which there are, and how
// people read them ("x-fact", from the server's table of facts). Their names are fact_row.NAME of web/lang.

// What the panel shows in its own way (facts.js).
export const OWN_WAY = ['format', 'width', 'height', 'taken', 'latitude', 'longitude', 'country_code', 'make', 'model', 'lens'];

/**
 * The others, in the order of the document: name, group (the key of the object it is in) and print.
 * @param {any} document openapi.json
 */
export function factsIn(document) {
    const { Photo, PhotoFacts } = document.components.schemas;
    const facts = [];
    const add = (properties, group) => {
        for (const [name, schema] of Object.entries(properties ?? {})) {
            const inner = group ? undefined : [schema, ...(schema.oneOf ?? [])].find((part) => part.properties);
            if (schema['x-fact']) facts.push({ name, group, print: schema['x-fact'].print ?? '{}' });
            else if (inner) add(inner.properties, name);
        }
    };
    add(Photo.properties);
    add(PhotoFacts.properties);
    return facts.filter(({ name }) => !OWN_WAY.includes(name));
}

// "f/{}" of 2.8 is "f/2.8"; "{/} s" of 0.004 is "1/250 s". Lists are joined by ", ".
export function printFact({ print }, value) {
    const fraction = print.includes('{/}') && value > 0 && value < 0.3;
    const text = fraction ? `1/${Math.round(1 / value)}` : [value].flat().join(', ');
    return print.replace(/\{\/?\}/, () => text);
}

// What is known of a photo among `facts`: [name, text, value] each.
export const factRows = (facts, photo) =>
    facts
        .map((fact) => [fact, fact.group ? photo[fact.group]?.[fact.name] : photo[fact.name]])
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([fact, value]) => [fact.name, printFact(fact, value), value]);

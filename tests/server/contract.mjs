// SPDX-License-Identifier: MIT
// Replies are as openapi.json says: each is looked up by path, method, status and media type, and
// its body checked against the schema there.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ok, diag } from '../tap.mjs';

const require = createRequire(fileURLToPath(new URL('../package.json', import.meta.url)));
const { default: Ajv } = require('ajv/dist/2020.js');
const { default: addFormats } = require('ajv-formats');

export class Contract {
    constructor(document) {
        this.document = document;
        this.ajv = new Ajv({ strict: false, allErrors: true });
        addFormats(this.ajv);
        this.ajv.addSchema({ $id: 'api', components: document.components });
        this.answered = new Map(); // operationId: statuses seen
    }

    operation(method, path) {
        const plain = path.split('?')[0];
        for (const [pattern, item] of Object.entries(this.document.paths)) {
            const shape = pattern.replaceAll(/\{[^}]+\}/g, '[^/]+').replaceAll('.', '\\.');
            const operation = item[method.toLowerCase()];
            if (operation && new RegExp(`^${shape}$`).test(plain)) return operation;
        }
        return undefined;
    }

    deref(value) {
        if (!value?.$ref) return value;
        return value.$ref.slice(2).split('/').reduce((at, key) => at[key], this.document);
    }

    validate(schema, value) {
        const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
        const check = this.ajv.compile(JSON.parse(text));
        return check(value) ? null : this.ajv.errorsText(check.errors);
    }

    // Says one check; returns the reply.
    check(method, path, reply, name) {
        const operation = this.operation(method, path);
        const title = name ?? `${method} ${path.slice(0, 70)}: ${reply.status}`;
        const problem = operation ? this.find(operation, reply) : 'no such operation';
        if (!ok(!problem, `${title}, as described`)) diag(`${problem}\n${reply.body?.slice(0, 500)}`);
        if (operation) {
            const seen = this.answered.get(operation.operationId) ?? new Set();
            this.answered.set(operation.operationId, seen.add(reply.status));
        }
        return reply;
    }

    find(operation, reply) {
        const described = operation.responses[reply.status] ?? operation.responses.default;
        const { content } = this.deref(described);
        if (!content) return reply.bytes.length > 0 ? 'a body where none is described' : null;
        const type = reply.type.split(';')[0];
        const media = content[type] ?? content[type.replace(/\/.*/, '/*')];
        if (!media) return `the media type ${type} is not described`;
        return reply.json === undefined ? null : this.validate(media.schema, reply.json);
    }

    checkEvent(schemaName, data, name) {
        const problem = this.validate({ $ref: `#/components/schemas/${schemaName}` }, data);
        if (!ok(!problem, name)) diag(`${problem}\n${JSON.stringify(data).slice(0, 500)}`);
    }
}

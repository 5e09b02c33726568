// SPDX-License-Identifier: MIT
// What `make lint` holds the page's sources to, beside their types (web/tsconfig.json). Layout is not its business.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');

export default [
    {
        files: ['web/src/*.js'],
        languageOptions: {
            parser: tseslint.parser,
            parserOptions: { project: join(top, 'web/tsconfig.json'), tsconfigRootDir: top },
        },
        plugins: { ts: tseslint.plugin },
        linterOptions: { reportUnusedDisableDirectives: 'error' },
        rules: {
            'ts/no-floating-promises': 'error', // a failure that nobody hears of
            'ts/no-misused-promises': ['error', { checksVoidReturn: false }],
            'ts/await-thenable': 'error',
            'ts/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
            eqeqeq: 'error',
            'no-var': 'error',
            'prefer-const': 'error',
            'no-shadow': 'error',
            'no-eval': 'error',
            'no-implied-eval': 'error',
            'no-unused-private-class-members': 'error',
            'no-constant-binary-expression': 'error',
            'no-promise-executor-return': 'off',
            'no-restricted-properties': [
                'error',
                ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({ property, message: 'make elements with h()' })),
            ],
            'no-restricted-syntax': [
                'error',
                { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]", message: 'make elements with h()' },
            ],
        },
    },
    {
        files: ['tests/web/*.mjs', 'web/build.mjs'],
        rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error', 'no-constant-binary-expression': 'error' },
    },
];

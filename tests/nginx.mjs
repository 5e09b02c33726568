// SPDX-License-Identifier: MIT
// A real nginx before a server of the tests, with settings as people write them.
//
//   if (!haveNginx()) ...                                      SKIP: it is not installed
//   const nginx = await startNginx(home, [{ port, location: '/', lines: ['proxy_pass http://127.0.0.1:8420;'] }]);
//   await nginx.stop();
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { until } from './wait.mjs';

const PROGRAM = '/usr/sbin/nginx';

export const haveNginx = () => spawnSync(PROGRAM, ['-v']).status === 0;

const listens = (port) =>
    new Promise((done) => {
        const socket = net.connect(port, '127.0.0.1');
        socket.once('connect', () => done(true) || socket.destroy());
        socket.once('error', () => done(false));
    });

export async function startNginx(home, sites) {
    const folder = join(home, 'nginx');
    mkdirSync(folder, { recursive: true });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
    const servers = sites.map(
        ({ port, location, lines, more = [] }) =>
            `server { listen 127.0.0.1:${port}; client_max_body_size 64m; ${more.join(' ')} location ${location} { ${lines.join(' ')} } }`,
    );
    writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; events { worker_connections 256; }
http { access_log off; ${temporary.join(' ')}
${servers.join('\n')}
}
`,
    );
    const child = spawn(PROGRAM, ['-e', join(folder, 'error.log'), '-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    let ended = false;
    child.stderr.on('data', (text) => (errors += text));
    const exited = new Promise((done) => child.once('exit', () => done((ended = true))));
    process.on('exit', () => child.kill('SIGKILL'));
    for (const { port } of sites)
        if (!(await until(async () => ended || (await listens(port)))) || ended) throw new Error(`nginx: ${errors}`);
    return { stop: () => child.kill('SIGTERM') && exited };
}

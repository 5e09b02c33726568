// SPDX-License-Identifier: MIT
// A TCP proxy that holds every piece back for so many milliseconds, in each direction, as
// `tc netem delay` does:  node delay.mjs MILLISECONDS SOCKET   prints its port; ends with its input.
import net from "node:net";

const delay_ms = Number(process.argv[2]);
const socket = process.argv[3];

function passOn(from, to) {
    from.on("data", (piece) => setTimeout(() => to.write(piece), delay_ms));
    from.on("end", () => setTimeout(() => to.end(), delay_ms));
    from.on("error", () => to.destroy());
}

const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const database = net.connect({ path: socket, allowHalfOpen: true });
    passOn(client, database);
    passOn(database, client);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
